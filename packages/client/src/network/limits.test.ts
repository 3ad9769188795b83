// The limits of requests: deadlines, signals, pauses, silence, sizes, idleness; and that nothing is left behind.
import { getEventListeners } from 'node:events';
import { ApiVersions, SaslAuthenticate } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { ClosedError } from '../errors.ts';
import { answer, block, converse, markOf, request } from './conversation.ts';
import { LONGEST_PAUSE_MS, Pause } from './pause.ts';
import { PauseNews } from './pause-news.ts';
import { ManualTime, TimerWatch } from './timer-watch.ts';

const until = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const silent = new PauseNews({ warn: () => undefined });
const login = (size: number) => ({ authBytes: Buffer.alloc(size) });

/** A conversation whose broker has demanded a pause. */
async function paused(pauseMs: number) {
  const conversation = await converse();
  const { connection, ids } = conversation;
  const first = connection.send(ApiVersions, 2, request);
  await conversation.received(1);
  conversation.peerSends(answer(ids[0] ?? 0, 1, pauseMs));
  await first;
  return conversation;
}

it('a request for which no time is left is not sent, and says so', async () => {
  await using conversation = await converse();
  const { connection, ids } = conversation;
  const late = connection.send(ApiVersions, 2, request, { timeoutMs: 0 });
  await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', sent: false });
  await expect(late).rejects.toThrow(/no time was left.*raise timeoutMs/);
  expect(ids).toHaveLength(0);
});

describe('while a pause lasts that the broker demanded', () => {
  it('a request is forgotten at its timeoutMs, which counts from the call, and never sent', async () => {
    await using conversation = await paused(80);
    const { connection, ids } = conversation;
    const late = connection.send(ApiVersions, 2, request, { timeoutMs: 20 });
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', sent: false, afterMs: 20 });
    await expect(late).rejects.toThrow(/demands a pause of 80 ms .*raise timeoutMs/);
    expect(connection.inFlight).toBe(0);
    const next = connection.send(ApiVersions, 2, request);
    await conversation.received(2);
    conversation.peerSends(answer(ids[1] ?? 0, 2));
    expect(markOf(await next)).toBe(2);
    expect(ids).toHaveLength(2);
  });

  it('a request ends with its signal at once, is forgotten, and leaves no listener', async () => {
    await using conversation = await paused(60_000);
    const { connection, ids } = conversation;
    const controller = new AbortController();
    const reason = new RangeError('enough');
    const sent = [1, 2].map(() => connection.send(ApiVersions, 2, request, controller));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort(reason);
    for (const each of sent) await expect(each).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(connection.inFlight).toBe(0);
    expect(ids).toHaveLength(1);
  });

  it('closing rejects all that wait, and leaves no timer', async () => {
    using timers = new TimerWatch();
    await using conversation = await paused(60_000);
    const { connection } = conversation;
    const reason = new ClosedError('it');
    const sent = [undefined, 10_000].map((timeoutMs) => connection.send(ApiVersions, 2, request, { timeoutMs }));
    connection.close(reason);
    for (const each of sent) await expect(each).rejects.toBe(reason);
    expect(connection.inFlight).toBe(0);
    expect(timers.count).toBe(0);
  });

  it('what is drained waits for those held back too', async () => {
    await using conversation = await paused(40);
    const { connection, ids } = conversation;
    const sent = connection.send(ApiVersions, 2, request);
    let isDrained = false;
    const drained = connection.drained().then(() => {
      isDrained = true;
    });
    await conversation.received(2);
    expect(isDrained).toBe(false);
    conversation.peerSends(answer(ids[1] ?? 0, 2));
    await Promise.all([sent, drained]);
  });

  it('a pause of 24 days is one of five minutes, and one under way is not cut short', () => {
    using time = new ManualTime();
    const released: string[] = [];
    const pause = new Pause<string>({ broker: 'b:1', news: silent }, (item) => void released.push(item));
    pause.begin(2 ** 31 - 1);
    pause.begin(10);
    for (const item of ['a', 'b', 'c']) pause.park(item);
    pause.forget('b');
    time.pass(LONGEST_PAUSE_MS - 1);
    expect(released).toEqual([]);
    time.pass(1);
    expect(released).toEqual(['a', 'c']);
    expect(pause.isOn).toBe(false);
    expect(time.count).toBe(0);
  });
});

describe('a long pause is said in the log', () => {
  const said = (...pausesMs: number[]): string[] => {
    using time = new ManualTime();
    const lines: string[] = [];
    const news = new PauseNews({ warn: (line) => void lines.push(line) });
    for (const ms of pausesMs) {
      const pause = new Pause<string>({ broker: 'b:1', news }, () => undefined);
      pause.begin(ms);
      time.pass(Math.min(ms, LONGEST_PAUSE_MS));
    }
    return lines;
  };

  it('from ten seconds on, with the broker and what it demands', () => {
    expect(said(9_999)).toEqual([]);
    expect(said(10_000)).toEqual([expect.stringMatching(/^b:1: .*demands a pause of 10000 ms.*quotas/)]);
  });

  it('and how much of it is believed', () => {
    expect(said(2 ** 31 - 1)).toEqual([expect.stringMatching(/2147483647 ms.*no more than 300000 ms are believed/)]);
  });

  it('once a minute, however often it is demanded, and of however many connections', () => {
    expect(said(...Array.from({ length: 12 }, () => 10_000))).toHaveLength(2);
  });
});

describe('the deadline of a request', () => {
  it('is the earlier of timeoutMs from the call and answerTimeoutMs from when it left', async () => {
    await using conversation = await converse();
    const { connection } = conversation;
    const limits = [
      { timeoutMs: 20, answerTimeoutMs: 60_000 },
      { timeoutMs: 60_000, answerTimeoutMs: 20 },
    ];
    for (const limit of limits) {
      const sent = connection.send(ApiVersions, 2, request, limit);
      await expect(sent).rejects.toMatchObject({ code: 'TIMEOUT', sent: true, afterMs: 20 });
    }
  });

  it.each([0, -1])('of %d ms has passed: nothing is sent', async (timeoutMs) => {
    await using conversation = await converse();
    const { connection, ids } = conversation;
    const sent = connection.send(ApiVersions, 2, request, { timeoutMs });
    await expect(sent).rejects.toMatchObject({ code: 'TIMEOUT', sent: false });
    const next = connection.send(ApiVersions, 2, request);
    await conversation.received(1);
    conversation.peerSends(answer(ids[0] ?? 0, 7));
    expect(markOf(await next)).toBe(7);
  });

  it('of each of very many is told within 100 ms, never too early', async () => {
    await using conversation = await converse();
    const { connection } = conversation;
    const late: number[] = [];
    const sent = Array.from({ length: 8000 }, (_, i) => {
      const [calledAt, timeoutMs] = [performance.now(), 300 + i / 10];
      const told = (): void => void late.push(performance.now() - calledAt - timeoutMs);
      return connection.send(ApiVersions, 2, request, { timeoutMs }).catch(told);
    });
    await Promise.all(sent);
    late.sort((a, b) => a - b);
    expect(late[0]).toBeGreaterThan(-1);
    expect(late[late.length >> 1]).toBeLessThan(100);
  });
});

describe('a blocked event loop is no time-out', () => {
  it.each([1, 500])('answers that have arrived (%d) are read before their requests are late', async (count) => {
    await using conversation = await converse({ requestTimeoutMs: 300 });
    const { connection, ids } = conversation;
    const sent = Promise.all(Array.from({ length: count }, () => connection.send(ApiVersions, 2, request)));
    await conversation.received(count);
    conversation.peerSends(Buffer.concat(ids.map((id, i) => answer(id, i))));
    block(500);
    expect((await sent).map(markOf)).toEqual(ids.map((_, i) => i));
    expect(connection.isOpen).toBe(true);
  });
});

describe('a request that left only when the event loop was free again', () => {
  it('has time for its answer', async () => {
    await using conversation = await converse({ requestTimeoutMs: 300 });
    const { connection } = conversation;
    const sent = connection.send(ApiVersions, 2, request);
    block(600);
    await conversation.received(1);
    await until(100);
    conversation.peerSends(answer(conversation.ids[0] ?? 0, 7));
    expect(markOf(await sent)).toBe(7);
    expect(connection.isOpen).toBe(true);
  });
});

describe('silence', () => {
  it('is for how long no byte has come while the oldest request waits', async () => {
    await using conversation = await converse();
    const { connection, ids } = conversation;
    expect(connection.silentMs).toBe(0);
    const sent = connection.send(ApiVersions, 2, request);
    await conversation.received(1);
    await until(30);
    expect(connection.silentMs).toBeGreaterThanOrEqual(25);
    conversation.peerSends(answer(ids[0] ?? 0, 1));
    await sent;
    expect(connection.silentMs).toBe(0);
  });

  it('is not what the broker is known to hold back: a longer answerTimeoutMs', async () => {
    await using conversation = await converse({ requestTimeoutMs: 40 });
    const { connection } = conversation;
    const held = connection.send(ApiVersions, 2, request, { answerTimeoutMs: 200, timeoutMs: 60 });
    await expect(held).rejects.toMatchObject({ code: 'TIMEOUT', afterMs: 60 });
    // Longer than the request time-out, and nobody waits any more: the broker may hold it all the same.
    await until(40);
    expect(connection.silentMs).toBe(0);
    expect(connection.isOpen).toBe(true);
    await new Promise<void>((resolve) => connection.whenClosed(() => resolve()));
  });
});

describe('a request without an answer', () => {
  it('is done when the system has taken its bytes, and is late when it does not', async () => {
    await using conversation = await converse({ requestTimeoutMs: 100 });
    const { connection, peer } = conversation;
    await connection.send(SaslAuthenticate, 0, login(10), { expectResponse: false });
    expect(connection.inFlight).toBe(0);
    await conversation.received(1);
    peer.accepted[0]?.pause();
    const stuck = connection.send(SaslAuthenticate, 0, login(64 << 20), { expectResponse: false });
    await expect(stuck).rejects.toMatchObject({ code: 'TIMEOUT', sent: true });
    expect(connection.isOpen).toBe(false);
  });

  it('is use: the connection is not closed as idle while such are sent, but is afterwards', async () => {
    await using conversation = await converse({ idleConnectionMs: 60 });
    const { connection } = conversation;
    const closed = new Promise<Error>((resolve) => connection.whenClosed(resolve));
    const startedAt = performance.now();
    while (performance.now() - startedAt < 250) {
      await connection.send(SaslAuthenticate, 0, login(1), { expectResponse: false });
      await until(5);
    }
    expect(connection.isOpen).toBe(true);
    expect((await closed).message).toContain('without use');
  });
});

describe('an answer above maxFrameBytes', () => {
  it('fails the request that asked for it, not retriable, with size, limit and option; others may be asked again', async () => {
    await using conversation = await converse({ maxFrameBytes: 2048 });
    const { connection, ids } = conversation;
    const [asked, other] = [1, 2].map(() => connection.send(ApiVersions, 2, request));
    await conversation.received(2);
    const head = Buffer.alloc(8);
    head.writeInt32BE(2049, 0);
    head.writeInt32BE(ids[0] ?? 0, 4);
    conversation.peerSends(head);
    await expect(asked).rejects.toMatchObject({
      code: 'FRAME_TOO_LARGE',
      retriable: false,
      api: 'ApiVersions',
      size: 2049,
      maxFrameBytes: 2048,
      message: expect.stringMatching(/ApiVersions.*2049 bytes.*raise maxFrameBytes/),
    });
    await expect(other).rejects.toMatchObject({ code: 'CONNECTION', retriable: true });
    await expect(connection.send(ApiVersions, 2, request)).rejects.toMatchObject({ code: 'CONNECTION' });
  });

  it('is one byte above: at the limit it is taken', async () => {
    const exact = answer(1, 5).length - 4;
    for (const [maxFrameBytes, code] of [
      [exact, undefined],
      [exact - 1, 'FRAME_TOO_LARGE'],
    ] as const) {
      await using conversation = await converse({ maxFrameBytes });
      const sent = conversation.connection.send(ApiVersions, 2, request).catch((error: unknown) => error);
      await conversation.received(1);
      conversation.peerSends(answer(conversation.ids[0] ?? 0, 5));
      expect(await sent).toMatchObject(code ? { code } : { errorCode: 0 });
    }
  });
});

describe('nothing is left', () => {
  it('of a closed connection with requests in flight, deadlines and an idle limit: no timer, no listener', async () => {
    using timers = new TimerWatch();
    await using conversation = await converse({ idleConnectionMs: 1000 });
    const { connection } = conversation;
    const { signal } = new AbortController();
    const sent = [50, 60].map((timeoutMs) => connection.send(ApiVersions, 2, request, { timeoutMs, signal }));
    expect(timers.count).toBe(2);
    connection.close();
    for (const each of sent) await expect(each).rejects.toMatchObject({ code: 'CLOSED' });
    expect(timers.count).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('of 50,000 requests that share a signal, in time that is proportional to their number', async () => {
    await using conversation = await converse({ requestTimeoutMs: 60_000 });
    const { connection } = conversation;
    const controller = new AbortController();
    const { signal } = controller;
    const sent = Array.from({ length: 50_000 }, () => connection.send(ApiVersions, 2, request, { signal }));
    const settled = Promise.allSettled(sent);
    const startedAt = performance.now();
    controller.abort(new RangeError('enough'));
    const outcomes = await settled;
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
