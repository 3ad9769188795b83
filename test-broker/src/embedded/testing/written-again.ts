// For tests: what was on the wire is read, written again, and compared.
import {
  ApiVersions,
  decodeRequestFrame,
  decodeResponseFrame,
  Errors,
  encodeRequestFrame,
  encodeResponseFrame,
  KafkaError,
} from '@hopwire/protocol';
import type { Exchange } from '../exchange.ts';

/** One direction of an exchange. */
export interface WrittenAgain {
  /** API, version and direction: `Metadata v12 request`. */
  readonly what: string;
  /** The frame as it was. */
  readonly bytes: Buffer;
  /** What our codec made of it; an error instead when it could not. */
  readonly again: Buffer | KafkaError;
}

const ERROR_CODE_AT = 8;

/** Both directions of an exchange that is no SASL token. */
export function writtenAgain({ request, response }: Exchange): WrittenAgain[] {
  const { api, apiVersion, correlationId, clientId, body } = decodeRequestFrame(request);
  const name = `${api.name} v${apiVersion}`;
  const again = attempt(() => encodeRequestFrame(api, apiVersion, body, { correlationId, clientId }));
  const asked = { what: `${name} request`, bytes: request, again };
  if (!response) return [asked];
  // KIP-511: a version of ApiVersions that the broker does not have is answered in the layout of v0.
  const isRefusal = api === ApiVersions && response.readInt16BE(ERROR_CODE_AT) === Errors.UNSUPPORTED_VERSION;
  const version = isRefusal ? 0 : apiVersion;
  const answer = attempt(() => {
    const decoded = decodeResponseFrame<unknown>(api, version, response);
    return encodeResponseFrame(api, version, decoded.body, decoded.correlationId);
  });
  return [asked, { what: `${name} response`, bytes: response, again: answer }];
}

function attempt(write: () => Buffer): Buffer | KafkaError {
  try {
    return write();
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
}

/** Did other bytes come out, or none? */
export function isChanged({ bytes, again }: WrittenAgain): boolean {
  return !Buffer.isBuffer(again) || !again.equals(bytes);
}
