// Where a member of the controllers' quorum can be reached (KIP-853).
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** One endpoint of a controller. */
export interface RaftListener {
  name: string;
  host: string;
  port: number; // unsigned
}

export function encodeRaftListeners(w: Writer, listeners: readonly RaftListener[]): void {
  w.structs(listeners, ({ name, host, port }) => {
    w.string(name);
    w.string(host);
    w.uint16(port);
  });
}

export function decodeRaftListeners(r: Reader): RaftListener[] {
  return r.structs(() => ({ name: r.string(), host: r.string(), port: r.uint16() }));
}
