// Runs a mutation's seeds until one finds it.
import { runJobs } from '../jobs.ts';
import type { Result } from '../simulation.ts';
import { bundle } from './bundle.ts';
import type { Mutation } from './mutation.ts';

/** null: no seed found it. */
export type Discovery = { readonly rule: string; readonly seed: number; readonly atMs: number } | null;

/** @throws {Error} when a patch does not fit */
export async function discover({ name, patches, rules, seeds }: Mutation): Promise<Discovery> {
  const script = await bundle(name, patches);
  const left = [...seeds];
  const found: Discovery[] = [];
  await runJobs({
    script,
    count: 1,
    next: () => (found.length > 0 ? null : (left.shift() ?? null)),
    done: ({ result }) => {
      const discovery = discoveryIn(result, rules);
      if (discovery) found.push(discovery);
    },
    // A mutation that spins for ever is none of ours: the next seed is asked.
    lost: () => undefined,
  });
  return found[0] ?? null;
}

function discoveryIn({ seed, violation }: Result, rules: readonly string[]): Discovery {
  if (!violation || !rules.includes(violation.rule)) return null;
  return { rule: violation.rule, seed, atMs: violation.atMs };
}
