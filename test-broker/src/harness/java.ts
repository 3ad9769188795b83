// Java processes of the harness: flags, class path, waiting for a line of a log.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { TargetError } from './target.ts';

/** Flags that make a small JVM start quickly. */
export const quickJvm: readonly string[] = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

export interface JavaRun {
  /** Folder that the class path is relative to. */
  readonly folder: string;
  readonly classPath: string;
  readonly flags?: readonly string[];
  readonly mainClass: string;
  readonly args: readonly string[];
}

export function spawnJava(run: JavaRun): ChildProcess {
  const args = [...quickJvm, ...(run.flags ?? []), '-cp', run.classPath, run.mainClass, ...run.args];
  return spawn('java', args, { cwd: run.folder, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs to the end. @throws {TargetError} with what it printed, unless it exits 0 */
export async function runJava(run: JavaRun): Promise<void> {
  const child = spawnJava(run);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const code = await exited(child);
  if (code !== 0) throw new TargetError(`${run.mainClass} exited with ${code}:\n${output.join('')}`);
}

/** The exit code; null when a signal ended it. */
export function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

/** Resolves when the process prints a line with `text`. @throws {TargetError} when it ends before that */
export function printed(child: ChildProcess, text: string): Promise<void> {
  const { stdout } = child;
  if (!stdout) throw new TargetError('the process has no standard output');
  return new Promise((resolve, reject) => {
    const tail: string[] = [];
    child.stderr?.on('data', (chunk: Buffer) => tail.push(chunk.toString()));
    createInterface({ input: stdout }).on('line', (line) => {
      if (line.includes(text)) resolve();
      tail.push(line);
      if (tail.length > 40) tail.shift();
    });
    child.once('exit', (code) => reject(new TargetError(`ended with ${code} before "${text}":\n${tail.join('\n')}`)));
  });
}
