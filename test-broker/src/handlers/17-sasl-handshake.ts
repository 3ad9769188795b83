// SaslHandshake (17), versions 0-1. After version 0 the tokens come bare, after 1 in SaslAuthenticate. An unknown
// mechanism is answered with the list of those there are, then the connection is closed.
import { Errors, SaslHandshake, type SaslHandshakeRequest, type SaslHandshakeResponse } from '@hopwire/protocol';
import { type Handler, handle } from '../embedded/router.ts';

export const saslHandshake: Handler<SaslHandshakeRequest, SaslHandshakeResponse> = handle(SaslHandshake, {
  answer: ({ mechanism }, { connection, version }) => {
    const answer = connection.sasl?.handshake(mechanism, version);
    if (connection.sasl?.stage === 'failed') connection.closeAfterAnswer();
    return answer ?? { errorCode: Errors.ILLEGAL_SASL_STATE, mechanisms: [] };
  },
  refuse: (_request, errorCode) => ({ errorCode, mechanisms: [] }),
});
