// Where a member of the controllers' quorum can be reached (KIP-853).
import type { Part } from './part.ts';

/** One endpoint of a controller. */
export interface RaftListener {
  name: string;
  host: string;
  port: number; // unsigned
}

export const raftListeners: Part<RaftListener[]> = {
  encode(w, listeners) {
    w.structs(listeners, ({ name, host, port }) => {
      w.string(name);
      w.string(host);
      w.uint16(port);
    });
  },
  decode(r) {
    return r.structs(() => ({ name: r.string(), host: r.string(), port: r.uint16() }));
  },
};
