// Bytes of a socket in, whole frames out. Who is given chunks calls `push`: a frame inside one chunk is a view of it, one
// that spans chunks is joined once, into an exact buffer (joining on every chunk would be quadratic). Who reads into
// buffers of his own calls `space` and `filled`: the rest of a large frame is then read to where it belongs, uncopied.
import { ProtocolError } from '../errors.ts';
import { asBuffer } from '../wire/as-buffer.ts';

const SIZE_BYTES = 4;
/** What `space` offers while no frame has begun. */
const SPACE_BYTES = 16 * 1024;

/** A size that is negative or above the limit. The stream is useless after it. */
export class FrameSizeError extends ProtocolError {
  static override readonly name: string = 'FrameSizeError';
  /** As announced. */
  readonly size: number;
  readonly maxFrameBytes: number;

  constructor(size: number, maxFrameBytes: number) {
    super(`frame of ${size} bytes announced, at most ${maxFrameBytes} are accepted`);
    this.size = size;
    this.maxFrameBytes = maxFrameBytes;
  }
}

/**
 * Cuts a byte stream into frames. Any chunking gives the same frames.
 *
 * @example
 * const reader = new FrameReader(100 * 1024 * 1024, (message) => console.log(decodeAnyRequest(message)));
 * socket.on('data', (chunk) => reader.push(chunk));
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  readonly #onFrame: (frame: Buffer) => void;
  /** What is gathered of the size, or of the frame. */
  #size: Buffer = Buffer.alloc(SIZE_BYTES);
  #sizeLength = 0;
  #frame: Buffer | null = null;
  #frameLength = 0;
  /** Offered again and again while no frame is under way: frames are copied out of it. */
  #space: Buffer | null = null;

  /**
   * @param maxFrameBytes a frame announced larger than this is a ProtocolError before anything is allocated
   * @param onFrame gets each frame without its size
   */
  constructor(maxFrameBytes: number, onFrame: (frame: Buffer) => void) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#onFrame = onFrame;
  }

  /**
   * Calls `onFrame` for each frame that these bytes complete.
   *
   * @throws {FrameSizeError} when a size is negative or above the limit; the stream is then useless
   */
  push(chunk: Uint8Array): void {
    this.#take(asBuffer(chunk), true);
  }

  /**
   * Where the next bytes of the stream may be written to; at least one. Valid until the next call of any method.
   *
   * @example
   * const count = readSync(fd, reader.space());
   * reader.filled(count);
   */
  space(): Buffer {
    if (this.#frame) return this.#frame.subarray(this.#frameLength);
    this.#space ??= Buffer.allocUnsafeSlow(SPACE_BYTES);
    return this.#space;
  }

  /**
   * So many bytes were written to the beginning of what `space` returned. Calls `onFrame` for each frame that they
   * complete; such a frame has its memory to itself.
   *
   * @throws {FrameSizeError} as `push`
   */
  filled(count: number): void {
    const frame = this.#frame;
    if (!frame) this.#take((this.#space ?? this.space()).subarray(0, count), false);
    else this.#grown(frame, count);
  }

  /** @param isKept the chunk will not change: frames may be views of it */
  #take(bytes: Buffer, isKept: boolean): void {
    let at = 0;
    while (at < bytes.length) at = this.#frame ? this.#gather(this.#frame, bytes, at) : this.#begin(bytes, at, isKept);
  }

  #begin(chunk: Buffer, at: number, isKept: boolean): number {
    const taken = chunk.copy(this.#size, this.#sizeLength, at, at + SIZE_BYTES - this.#sizeLength);
    this.#sizeLength += taken;
    if (this.#sizeLength < SIZE_BYTES) return at + taken;
    this.#sizeLength = 0;
    const size = this.#checked(this.#size.readInt32BE(0));
    const start = at + taken;
    if (chunk.length - start < size) {
      this.#frame = Buffer.allocUnsafeSlow(size);
      this.#frameLength = 0;
      return start;
    }
    const frame = chunk.subarray(start, start + size);
    this.#onFrame(isKept ? frame : Buffer.from(frame));
    return start + size;
  }

  #gather(frame: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(frame, this.#frameLength, at);
    this.#grown(frame, taken);
    return at + taken;
  }

  #grown(frame: Buffer, count: number): void {
    this.#frameLength += count;
    if (this.#frameLength < frame.length) return;
    this.#frame = null;
    this.#onFrame(frame);
  }

  #checked(size: number): number {
    if (size < 0 || size > this.#maxFrameBytes) throw new FrameSizeError(size, this.#maxFrameBytes);
    return size;
  }
}
