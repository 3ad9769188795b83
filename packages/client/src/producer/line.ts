// A list in order, out of whose middle things are taken without looking for them.

/** A place in a line. */
export class Link<T> {
  readonly item: T;
  /** null: taken out. */
  line: Line<T> | null = null;
  next: Link<T> | null = null;
  previous: Link<T> | null = null;

  constructor(item: T) {
    this.item = item;
  }

  /** Does nothing when it is out already. */
  remove(): void {
    this.line?.remove(this);
  }
}

export class Line<T> {
  #first: Link<T> | null = null;
  #last: Link<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first?.item;
  }

  get firstLink(): Link<T> | null {
    return this.#first;
  }

  /** At the end. */
  push(item: T): Link<T> {
    return this.#insert(new Link(item), this.#last, null);
  }

  /** @param next null: at the end */
  insertBefore(next: Link<T> | null, item: T): Link<T> {
    return next ? this.#insert(new Link(item), next.previous, next) : this.push(item);
  }

  shift(): T | undefined {
    const first = this.#first;
    if (first) this.remove(first);
    return first?.item;
  }

  remove(link: Link<T>): void {
    if (link.line !== this) return;
    const { previous, next } = link;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    link.line = null;
    this.#size--;
  }

  /** Whatever is taken out meanwhile, what is left is met, and once. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let link = this.#first; link; link = link.next) if (link.line === this) yield link.item;
  }

  #insert(link: Link<T>, previous: Link<T> | null, next: Link<T> | null): Link<T> {
    link.line = this;
    link.previous = previous;
    link.next = next;
    if (previous) previous.next = link;
    else this.#first = link;
    if (next) next.previous = link;
    else this.#last = link;
    this.#size++;
    return link;
  }
}
