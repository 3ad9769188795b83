import { type AnyApi, Errors, FindCoordinator, OffsetFetch } from '@hopwire/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { TestBroker } from '../embedded/test-broker.ts';
import { coordinatorAnswers } from './coordinator.ts';
import { TargetError } from './target.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function embedded(): Promise<TestBroker> {
  const broker = await TestBroker.start();
  cleanups.push(() => broker.close());
  return broker;
}

describe('waiting for the group coordinator', () => {
  it.each([
    ['FindCoordinator', FindCoordinator, Errors.COORDINATOR_NOT_AVAILABLE],
    ['OffsetFetch', OffsetFetch, Errors.NOT_COORDINATOR],
    ['OffsetFetch', OffsetFetch, Errors.COORDINATOR_LOAD_IN_PROGRESS],
  ])('asks again as long as %s says that it is not there yet', async (_, api, errorCode) => {
    const broker = await embedded();
    let asked = 0;
    broker.on(api as AnyApi, () => (++asked < 3 ? { errorCode } : 'pass'), { always: true });
    await coordinatorAnswers(broker.bootstrap);
    expect(asked).toBe(3);
  });

  it('ends at the deadline, with what was met until then', async () => {
    const broker = await embedded();
    broker.on(FindCoordinator, { errorCode: Errors.COORDINATOR_NOT_AVAILABLE }, { always: true });
    const waiting = coordinatorAnswers(broker.bootstrap, 500);
    await expect(waiting).rejects.toThrow(TargetError);
    await expect(waiting).rejects.toThrow('was not there after 500 ms: FindCoordinator says 15');
  });

  it('ends at the deadline where nobody listens', async () => {
    const broker = await embedded();
    await broker.stop();
    await expect(coordinatorAnswers(broker.bootstrap, 500)).rejects.toThrow('ECONNREFUSED');
  });
});
