// What APIs have in common below the level of a whole body.
import type { Reader } from '../wire/reader.ts';
import type { TaggedField, Writer } from '../wire/writer.ts';

/**
 * A part of several messages that is the same in all their versions; one that is not is a `Codec`. The tag section of
 * the struct it stands in is closed by `structs` or `struct` around it.
 */
export interface Part<Value> {
  encode(w: Writer, value: Value): void;
  decode(r: Reader): Value;
}

/** A part that stands in a tagged field of some messages. */
export interface TaggedPart<Value> extends Part<Value> {
  /** Null, which `tags` leaves out, when there is nothing to say. */
  tagged(tag: number, value: Value): TaggedField | null;
}
