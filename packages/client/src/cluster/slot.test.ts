// A slot: one connection at a time, waited for, opened again with back-off, and closed for good.
import { getEventListeners } from 'node:events';
import { ApiVersions } from '@hopwire/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { ClosedError, ConnectionError } from '../errors.ts';
import type { ReadyConnection } from '../network/connect.ts';
import { answer, type Conversation, converse, request } from '../network/conversation.ts';
import { TimerWatch } from '../network/timer-watch.ts';
import { Backoff } from '../util/backoff.ts';
import { Slot } from './slot.ts';

const conversations: Conversation[] = [];
const never = (): Promise<never> => new Promise(() => undefined);
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const refused = new ConnectionError('b:1', 'connection refused');

async function ready(lives: Partial<Pick<ReadyConnection, 'retireAt' | 'endsAt'>> = {}): Promise<ReadyConnection> {
  const conversation = await converse();
  conversations.push(conversation);
  const features = { epoch: -1n, levels: new Map<string, number>() };
  const { connection } = conversation;
  return { connection, versions: new Map(), features, retireAt: Infinity, endsAt: Infinity, ...lives };
}

/** Each attempt takes the next of these; the last one again and again. */
function slotOf(...attempts: ((signal: AbortSignal) => Promise<ReadyConnection>)[]) {
  let opened = 0;
  const slot = new Slot({
    broker: 'b:1',
    backoff: new Backoff({ initialMs: 60_000, maxMs: 60_000 }),
    open: (signal) => (attempts[Math.min(opened++, attempts.length - 1)] ?? never)(signal),
  });
  return { slot, opened: () => opened };
}

/** An attempt that ends with its signal, as `connect` does. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

afterEach(async () => {
  for (const conversation of conversations.splice(0)) await conversation[Symbol.asyncDispose]();
});

describe('a slot', () => {
  it('opens one connection for all who want it at the same time, and keeps it', async () => {
    const { slot, opened } = slotOf(() => ready());
    expect(slot.current).toBeNull();
    const all = await Promise.all(Array.from({ length: 20 }, () => slot.acquire({})));
    expect(new Set(all).size).toBe(1);
    await tick();
    expect(slot.current).toBe(all[0]);
    expect(opened()).toBe(1);
  });

  it('lets those who waited send before those who come when it is open', async () => {
    const { slot } = slotOf(() => ready());
    const order: string[] = [];
    const waited = slot.acquire({}).then(async () => {
      await Promise.resolve();
      order.push('waited');
    });
    const early = slot.acquire({}).then(async () => {
      // In the same microtasks the one before has not gone on yet.
      if (!slot.current) await slot.acquire({});
      order.push('came');
    });
    await Promise.all([waited, early]);
    expect(order).toEqual(['waited', 'came']);
  });

  it('waits with the limits of each caller; the attempt goes on', async () => {
    let open: (connection: ReadyConnection) => void = () => undefined;
    const { slot, opened } = slotOf(() => new Promise((resolve) => (open = resolve)));
    const controller = new AbortController();
    const late = slot.acquire({ timeoutMs: 20 });
    const aborted = slot.acquire({ signal: controller.signal });
    const patient = slot.acquire({});
    controller.abort(new RangeError('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', sent: false });
    open(await ready());
    expect((await patient).connection.isOpen).toBe(true);
    expect(opened()).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('fails 20,000 who wait with one signal in time that is proportional to their number', async () => {
    const { slot } = slotOf(never);
    const controller = new AbortController();
    const all = Promise.allSettled(Array.from({ length: 20_000 }, () => slot.acquire(controller)));
    const startedAt = performance.now();
    controller.abort(new RangeError('enough'));
    await all;
    expect(performance.now() - startedAt).toBeLessThan(2000);
    slot.close(new ClosedError('it'));
  });

  it('is silent while it dials, and while its connection is', async () => {
    const { slot } = slotOf(async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(slot.silentMs).toBeGreaterThanOrEqual(25);
      return ready();
    });
    expect(slot.silentMs).toBe(0);
    const { connection } = await slot.acquire({});
    expect(slot.silentMs).toBe(0);
    void connection.send(ApiVersions, 2, request).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(slot.silentMs).toBeGreaterThanOrEqual(25);
    expect(slot.isBusy).toBe(true);
  });
});

describe('after a failed attempt a slot', () => {
  it('tells everyone who waits, and opens anew for the next, after a pause', async () => {
    const { slot, opened } = slotOf(
      () => Promise.reject(refused),
      () => ready(),
    );
    const waiting = [slot.acquire({}), slot.acquire({})];
    for (const each of waiting) await expect(each).rejects.toBe(refused);
    expect(slot.failures).toBe(1);
    expect(slot.pauseMs).toBeGreaterThan(0);
    const next = slot.acquire({});
    await tick();
    expect(opened()).toBe(1);
    slot.hurry();
    expect((await next).connection.isOpen).toBe(true);
  });

  it('tells who has no more time why the last attempt failed', async () => {
    const { slot } = slotOf(() => Promise.reject(refused));
    await expect(slot.acquire({})).rejects.toBe(refused);
    const late = slot.acquire({ timeoutMs: 20 });
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', cause: refused });
    await expect(late).rejects.toThrow(/the last attempt failed: .*connection refused/);
    slot.close(new ClosedError('it'));
  });

  it('that is hurried tries at once, also when nobody waits yet', async () => {
    const { slot } = slotOf(
      () => Promise.reject(refused),
      () => ready(),
    );
    await expect(slot.acquire({})).rejects.toBe(refused);
    slot.hurry();
    expect(slot.pauseMs).toBe(0);
    await slot.acquire({ timeoutMs: 1000 });
  });
});

describe('a connection', () => {
  it('that breaks without having answered counts as a failed attempt; one that was of use does not', async () => {
    const { slot } = slotOf(() => ready());
    const useless = await slot.acquire({});
    useless.connection.fail(refused);
    expect(slot.failures).toBe(1);
    slot.hurry();
    const { connection } = await slot.acquire({});
    const conversation = conversations.at(-1);
    const sent = connection.send(ApiVersions, 2, request);
    await conversation?.received(1);
    conversation?.peerSends(answer(conversation.ids[0] ?? 0, 1));
    await sent;
    connection.fail(refused);
    expect(slot.failures).toBe(0);
    expect(slot.pauseMs).toBe(0);
  });

  it('that we closed ourselves is no failure', async () => {
    const { slot } = slotOf(() => ready());
    (await slot.acquire({})).connection.close(new ConnectionError('b:1', 'closed without use'));
    expect(slot.failures).toBe(0);
    expect(slot.isOpen).toBe(false);
  });

  it('whose session ends is drained, then replaced', async () => {
    const { slot } = slotOf(
      () => ready({ retireAt: 0 }),
      () => ready(),
    );
    const { connection } = await slot.acquire({});
    const conversation = conversations.at(-1);
    const sent = connection.send(ApiVersions, 2, request);
    await tick();
    expect(slot.current).toBeNull();
    const next = slot.acquire({});
    await conversation?.received(1);
    expect(connection.isOpen).toBe(true);
    conversation?.peerSends(answer(conversation.ids[0] ?? 0, 1));
    await sent;
    expect((await next).connection).not.toBe(connection);
    expect(connection.isOpen).toBe(false);
  });

  it('whose session has ended is not waited for any longer', async () => {
    const { slot } = slotOf(
      () => ready({ retireAt: 0, endsAt: performance.now() + 50 }),
      () => ready(),
    );
    const { connection } = await slot.acquire({});
    const sent = connection.send(ApiVersions, 2, request);
    const next = slot.acquire({});
    await expect(sent).rejects.toMatchObject({ code: 'CONNECTION', retriable: true });
    expect((await next).connection.isOpen).toBe(true);
  });
});

describe('closing a slot', () => {
  const reason = new ClosedError('it');

  /** What a slot may be doing: makes one that does it. */
  const states: Record<string, () => Promise<{ slot: Slot; opened: () => number }>> = {
    nothing: async () => slotOf(() => ready()),
    dialing: async () => slotOf(untilAborted),
    'dialing with an attempt that obeys nobody': async () =>
      slotOf(async () => {
        await tick();
        await tick();
        return ready();
      }),
    'waiting for its turn': async () => {
      const made = slotOf(() => Promise.reject(refused));
      await made.slot.acquire({}).catch(() => undefined);
      return made;
    },
    'draining the old connection': async () => {
      const made = slotOf(() => ready({ retireAt: 0, endsAt: Infinity }), untilAborted);
      const { connection } = await made.slot.acquire({});
      connection.send(ApiVersions, 2, request).catch(() => undefined);
      await tick();
      return made;
    },
  };

  it.each(Object.keys(states))(
    'that is doing %s rejects who waits with the reason, and opens nothing again',
    async (state) => {
      using timers = new TimerWatch();
      const { slot, opened } = (await states[state]?.()) ?? slotOf(never);
      const waiting = state === 'nothing' ? [] : [slot.acquire({}), slot.acquire({ timeoutMs: 60_000 })];
      const settled = Promise.allSettled(waiting);
      await tick();
      const before = opened();
      slot.close(reason);
      slot.close(new RangeError('the first reason counts'));
      for (const outcome of await settled) expect(outcome).toMatchObject({ status: 'rejected', reason });
      await expect(slot.acquire({})).rejects.toBe(reason);
      slot.hurry();
      await tick();
      expect(opened()).toBe(before);
      expect(slot.current).toBeNull();
      expect(slot.isOpen).toBe(false);
      expect(conversations.every(({ connection }) => !connection.isOpen)).toBe(true);
      expect(timers.count).toBe(0);
    },
  );
});
