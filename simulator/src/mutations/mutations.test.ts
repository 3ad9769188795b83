// The simulator is worth what it finds: faults put into the client, each of which has to break a rule.
import { describe, expect, it } from 'vitest';
import { breachesOf } from '../breaches.ts';
import { patched } from './bundle.ts';
import { discover } from './discovery.ts';
import { mutations } from './mutations.ts';

const TIMEOUT = { timeout: 300_000 };

describe('a fault in the client', () => {
  it.each(mutations)('is found: $name', TIMEOUT, async (mutation) => {
    expect(mutation.rules).toContain((await discover(mutation))?.rule);
  });

  it('is what the seeds find: without it they break no rule', TIMEOUT, async () => {
    expect(await breachesOf(new Set(mutations.flatMap(({ seeds }) => seeds)))).toEqual([]);
  });

  it('is refused when its text is not in the source, or more than once', async () => {
    const patch = { file: 'util/retry.ts', replace: '' };
    await expect(patched([{ ...patch, find: 'no such text' }])).rejects.toThrow(
      'packages/client/src/util/retry.ts has this 0 times instead of once:\nno such text',
    );
    await expect(patched([{ ...patch, find: 'const' }])).rejects.toThrow('times instead of once:\nconst');
  });

  it('has a name of its own, a sentence, and seeds', () => {
    expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
    for (const { wrong, seeds } of mutations) {
      expect(wrong).toMatch(/^\w.* .*\.$/);
      expect(seeds.length).toBeGreaterThan(0);
    }
  });
});
