// Where an instance of a streams application answers queries of its state (KIP-1071).
import type { Part } from './part.ts';

export interface StreamsEndpoint {
  host: string;
  port: number;
}

export const streamsEndpoint: Part<StreamsEndpoint> = {
  encode(w, { host, port }) {
    w.string(host);
    w.uint16(port);
  },
  decode(r) {
    return { host: r.string(), port: r.uint16() };
  },
};
