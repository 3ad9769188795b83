// A fast part of `pnpm deadlines`: each public call while nobody answers. And the tool itself: does it see what is wrong?
import { beforeAll, describe, expect, it } from 'vitest';
import { calls, cellsOf, states } from './cell.ts';
import { Leftovers } from './leftovers.ts';
import { Limit } from './limit.ts';
import { never } from './never.ts';
import { faultsOf, type Result } from './result.ts';
import { run } from './runner.ts';
import { Scene } from './scene.ts';
import { settled } from './settling.ts';
import { nameOf } from './state.ts';

const AT_ONCE = 8;
const QUIET = { rounds: 1, atOnce: AT_ONCE, repeatMs: 10_000, say: () => undefined };
const silent = states.filter((state) => /broker silent|says nothing/.test(nameOf(state)) && state.column !== 'closing');
/** The first limit of each call, which is a time. */
const cells = cellsOf(calls, silent).filter(({ call, limit }) => limit === call.limits[0]);

describe('while the broker says nothing, a call ends at its deadline and leaves nothing behind', () => {
  let results: readonly Result[] = [];
  beforeAll(async () => {
    results = await run(cells, QUIET);
  }, 60_000);

  it.each(cells.map((cell) => [cell.call.name, nameOf(cell.state), cell] as const))('%s, %s', (_call, _state, cell) => {
    const result = results.find((one) => one.cell === cell);
    expect(result && faultsOf(result)).toEqual([]);
  });
});

const WORK_MS = 60;

/** Uses up time of the processor, which no busy machine can take away. */
function work(ms: number): void {
  const end = process.cpuUsage().user + ms * 1000;
  while (process.cpuUsage().user < end);
}

describe('the measurement sees', () => {
  it('a call that settles late, by how much', async () => {
    const deadline = performance.now();
    work(WORK_MS);
    const { pastMs } = await settled([Promise.resolve(), Promise.reject(new Error('no'))], { deadline });
    expect(pastMs).toBeGreaterThan(WORK_MS - 10);
  });

  it('a call that never settles', async () => {
    const { pastMs, outcomes } = await settled([never(), Promise.resolve()], { deadline: performance.now() - 5_000 });
    expect(pastMs).toBe(Infinity);
    expect(outcomes).toEqual(['never settled', 'ok']);
  });

  it('a signal’s deadline where it was aborted', async () => {
    const limit = new Limit('signal');
    const planned = limit.deadline;
    await new Promise((resolve) => limit.signal?.addEventListener('abort', resolve));
    expect(limit.deadline).toBeGreaterThanOrEqual(planned - 2);
    expect(limit.deadline).toBeLessThanOrEqual(performance.now());
  });

  it('the timers and sockets of a client that was not closed, and that they are gone when it was', async () => {
    const leftovers = new Leftovers();
    await leftovers.run(async () => {
      const scene = await Scene.open({ warm: 'all' });
      expect(leftovers.list().filter((line) => line.startsWith('a socket'))).not.toEqual([]);
      expect(leftovers.list().filter((line) => line.startsWith('a timer'))).not.toEqual([]);
      await scene.kafka.close();
      await scene.besideEnded();
      expect(leftovers.list()).toEqual([]);
      await scene.dispose();
    });
  });

  it('members that did not leave', async () => {
    const scene = await Scene.open({ warm: 'all' });
    expect(scene.members()).toHaveLength(2);
    await scene.kafka.close();
    expect(scene.members()).toEqual([]);
    await scene.dispose();
  });
});
