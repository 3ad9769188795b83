// Memory that many share: whoever wants more than is left is refused.

/** A number of bytes of which parts are taken and released. */
export class Room {
  readonly #size: number;
  readonly #what: string;
  #taken = 0;

  /** @param what for the error: what the bytes are of, e.g. `requests that wait` */
  constructor(size: number, what: string) {
    this.#size = size;
    this.#what = what;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @throws {RangeError} when so much is not left; then nothing is taken */
  take(bytes: number): void {
    if (this.#taken + bytes > this.#size) throw new RangeError(`more than ${this.#size} bytes of ${this.#what}`);
    this.#taken += bytes;
  }

  release(bytes: number): void {
    this.#taken -= bytes;
  }
}
