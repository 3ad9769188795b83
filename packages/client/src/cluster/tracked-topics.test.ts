// Which topics are kept fresh.
import { describe, expect, it } from 'vitest';
import { TrackedTopics } from './tracked-topics.ts';

describe('tracked topics', () => {
  it('are forgotten when nobody has asked for them for a while, unless somebody uses them', () => {
    const tracked = new TrackedTopics();
    tracked.touch(['asked'], 10);
    const stop = tracked.use(() => ['used']);
    expect([...tracked.current(10)]).toEqual(['asked', 'used']);
    expect([...tracked.current(11)]).toEqual(['used']);
    stop();
    expect([...tracked.current(11)]).toEqual([]);
  });
});
