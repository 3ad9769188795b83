// The terminal as a value, so that commands run in process in tests.
import type { Readable, Writable } from 'node:stream';

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by SIGINT and SIGTERM, with the signal's name as reason; and by EPIPE on stdout, with `EPIPE`. */
  readonly interrupted: AbortSignal;
}

/** Writes and waits until the reader has room again: a slow reader slows us. */
export async function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (data.length === 0 || stream.write(data)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    stream.once('drain', done).once('close', done).once('error', done);
  });
}

/** All of standard input; for the few commands that need it whole. */
export async function readAll(stdin: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
