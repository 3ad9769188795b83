// Chunks of a socket in, whole frames out. A frame that arrives in one chunk is a view of it; one that spans chunks is
// joined once, into an exact buffer (joining on every chunk would be quadratic).
import { ProtocolError } from '../errors.ts';
import { asBuffer } from '../wire/as-buffer.ts';

const SIZE_BYTES = 4;

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
   * @throws {ProtocolError} when a size is negative or above the limit; the stream is then useless
   */
  push(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    let at = 0;
    while (at < bytes.length) at = this.#frame ? this.#gather(this.#frame, bytes, at) : this.#begin(bytes, at);
  }

  #begin(chunk: Buffer, at: number): number {
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
    this.#onFrame(chunk.subarray(start, start + size));
    return start + size;
  }

  #gather(frame: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(frame, this.#frameLength, at);
    this.#frameLength += taken;
    if (this.#frameLength === frame.length) {
      this.#frame = null;
      this.#onFrame(frame);
    }
    return at + taken;
  }

  #checked(size: number): number {
    if (size < 0 || size > this.#maxFrameBytes) {
      throw new ProtocolError(`frame of ${size} bytes announced, at most ${this.#maxFrameBytes} are accepted`);
    }
    return size;
  }
}
