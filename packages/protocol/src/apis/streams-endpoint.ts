// Where an instance of a streams application answers queries of its state (KIP-1071).
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface StreamsEndpoint {
  host: string;
  port: number;
}

export function encodeStreamsEndpoint(w: Writer, endpoint: StreamsEndpoint): void {
  w.string(endpoint.host);
  w.uint16(endpoint.port);
}

export function decodeStreamsEndpoint(r: Reader): StreamsEndpoint {
  return { host: r.string(), port: r.uint16() };
}
