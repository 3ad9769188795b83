// A process that runs the seeds it is given, one after the other.
import { type Result, simulate } from './simulation.ts';

export interface Done {
  readonly result: Result;
  readonly cpuMs: number;
}

/** Called in a child: each message is a seed, each answer what became of it. */
export function serveSeeds(): void {
  process.on('message', (seed: number) => {
    void one(seed).then((done) => process.send?.(done));
  });
  process.on('disconnect', () => process.exit());
}

export async function one(seed: number, live?: (line: string) => void): Promise<Done> {
  const before = process.cpuUsage();
  const result = await simulate(seed, live ? { live } : {});
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1000 };
}
