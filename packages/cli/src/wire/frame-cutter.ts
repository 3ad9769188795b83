// Cuts what a socket gives into frames without losing a byte: whatever comes in goes out again, in pieces.

/** A frame with its size, or bytes of a stream that has no frames (any more). */
export interface Piece {
  readonly kind: 'frame' | 'raw';
  readonly bytes: Buffer;
}

const SIZE_BYTES = 4;
/** Above any frame in practice, and below what a TLS handshake or HTTP would be as a size. */
const LARGEST_FRAME = 256 * 1024 * 1024;

/** One direction of a connection. */
export class FrameCutter {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Of the frame in the making, size included; null: the size is not known yet. */
  #needed: number | null = null;
  #isRaw = false;

  /** The pieces that are whole with this chunk. After a size that cannot be, everything is raw. */
  *push(chunk: Buffer): Iterable<Piece> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    for (let frame = this.#next(); frame; frame = this.#next()) yield { kind: 'frame', bytes: frame };
    if (this.#isRaw && this.#length > 0) yield { kind: 'raw', bytes: this.rest() };
  }

  /** Takes out what belongs to no whole frame. */
  rest(): Buffer {
    const bytes = this.#joined();
    this.#chunks = [];
    this.#length = 0;
    return bytes;
  }

  #next(): Buffer | null {
    if (this.#isRaw || this.#length < SIZE_BYTES) return null;
    this.#needed ??= this.#size();
    if (this.#isRaw || this.#length < this.#needed) return null;
    const bytes = this.#joined();
    const frame = bytes.subarray(0, this.#needed);
    this.#chunks = [bytes.subarray(this.#needed)];
    this.#length -= this.#needed;
    this.#needed = null;
    return frame;
  }

  #size(): number {
    const [first] = this.#chunks;
    const head = first && first.length >= SIZE_BYTES ? first : this.#joined();
    const size = head.readInt32BE(0);
    if (size < 0 || size > LARGEST_FRAME) this.#isRaw = true;
    return SIZE_BYTES + size;
  }

  /** Once for a frame, not for each chunk of it. */
  #joined(): Buffer {
    const [only] = this.#chunks;
    const bytes = only && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }
}
