// node:zlib, loaded when it is first needed: importing the protocol does not wait for it.

/** zstd is there from Node 22.15 and 23.8 on. */
interface Zlib {
  readonly gzipSync: typeof import('node:zlib').gzipSync;
  readonly gunzipSync: typeof import('node:zlib').gunzipSync;
  readonly zstdCompressSync?: (bytes: Uint8Array, options: { pledgedSrcSize: number }) => Buffer;
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: { maxOutputLength: number; info: true }) => Unpacked;
}

/** `bytesWritten` is what went in. */
interface Unpacked {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

export function nodeZlib(): Zlib {
  return process.getBuiltinModule('node:zlib');
}
