// node:zlib, loaded when it is first needed: importing the protocol does not wait for it.

/** zstd is there from Node 22.15 and 23.8 on. */
interface Zlib {
  readonly gzipSync: typeof import('node:zlib').gzipSync;
  readonly gunzipSync: typeof import('node:zlib').gunzipSync;
  readonly createGunzip: (options: { chunkSize: number }) => UnpackingStream;
  readonly zstdCompressSync?: (bytes: Uint8Array, options: { pledgedSrcSize: number }) => Buffer;
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: { maxOutputLength: number; info: true }) => Unpacked;
  readonly createZstdDecompress?: (options: { chunkSize: number }) => UnpackingStream;
}

/** `bytesWritten` is what went in. */
interface Unpacked {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** What is used of Node's streams: packed bytes go in, and what they stand for comes out as it is made. */
export interface UnpackingStream {
  /** What went in. */
  readonly bytesWritten: number;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  end(bytes: Uint8Array): unknown;
  destroy(): unknown;
}

export function nodeZlib(): Zlib {
  return process.getBuiltinModule('node:zlib');
}
