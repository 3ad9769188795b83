// SaslAuthenticate (36), versions 0-2. Carries the tokens of PLAIN and SCRAM. A failed login is answered with Kafka's
// text and code, then the connection is closed; at once, where Kafka waits a moment.
import {
  Errors,
  SaslAuthenticate,
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse,
} from '@hopwire/protocol';
import { type Handler, handle } from '../embedded/router.ts';

export const saslAuthenticate: Handler<SaslAuthenticateRequest, SaslAuthenticateResponse> = handle(SaslAuthenticate, {
  answer: ({ authBytes }, { connection }) => {
    const { sasl } = connection;
    if (sasl?.stage !== 'tokens') {
      const errorMessage = 'SaslAuthenticate request received after successful authentication';
      return answerWith(Errors.ILLEGAL_SASL_STATE, errorMessage);
    }
    const answer = sasl.token(authBytes);
    if (answer.errorCode !== 0) connection.closeAfterAnswer();
    return answer;
  },
  refuse: (_request, errorCode) => answerWith(errorCode, null),
});

function answerWith(errorCode: number, errorMessage: string | null): SaslAuthenticateResponse {
  return { errorCode, errorMessage, authBytes: Buffer.alloc(0), sessionLifetimeMs: 0n };
}
