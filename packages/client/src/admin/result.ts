// The outcome of one item of an admin call: the others do not suffer from its error.

/** `ok` or `error`, never both. */
export type Outcome<T> = { readonly ok: T } | { readonly error: Error };
