// The class-data archive of a release: a JVM that starts from it is ready in half the time. It is written by the first
// broker that ends politely, under a name of its own first, because a half-written one must not be used.
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

export class ClassArchive {
  /** What the JVM is started with. */
  readonly flags: readonly string[];
  readonly #path: string;
  readonly #written: string | null;

  private constructor(path: string, written: string | null) {
    const flag = written ? `-XX:ArchiveClassesAtExit=${written}` : `-XX:SharedArchiveFile=${path}`;
    this.flags = ['-Xlog:cds=off', '-Xlog:cds+dynamic=off', flag];
    this.#path = path;
    this.#written = written;
  }

  /** @param folder that of the release */
  static async of(folder: string): Promise<ClassArchive> {
    const path = join(folder, 'kafka.jsa');
    return new ClassArchive(path, (await exists(path)) ? null : `${path}.${process.pid}`);
  }

  static isThere(folder: string): Promise<boolean> {
    return exists(join(folder, 'kafka.jsa'));
  }

  /** To be called when the JVM has ended: what it wrote, if anything, becomes the archive. */
  async keep(): Promise<void> {
    if (!this.#written || !(await exists(this.#written))) return;
    await rename(this.#written, this.#path).catch(() => rm(this.#written ?? '', { force: true }));
  }
}
