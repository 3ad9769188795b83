// What `hop list-topics` shows of the embedded broker.
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { hop, type Outcome } from './testing/terminal.ts';

describe('listing topics', () => {
  it('HOP-093: shows what exists, restricted to what is named, and creates nothing', async () => {
    await using fresh = await TestBroker.start({ topics: { t3: 3, t1: 1 } });
    const list = (path: string): Promise<Outcome> =>
      hop(['list-topics', '-q', '--no-auth', `kafka://${fresh.bootstrap}${path}`], { env: { HOME: '/nonexistent' } });
    expect(await list('')).toMatchObject({ code: 0, out: 'Accessible topics:\n t1\n t3\n' });
    expect(await list('/t1,zz')).toMatchObject({ code: 0, out: 'Accessible topics:\n t1\n' });
    expect(await list('/zz')).toMatchObject({ code: 0, out: 'No accessible topics\n' });
    expect(fresh.topicNames().sort()).toEqual(['t1', 't3']);
  });
});
