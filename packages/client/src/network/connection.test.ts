// The in-flight contract of a connection, against a peer that answers when and how the test says.
import { ApiVersions } from '@hopwire/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { KafkaEvent } from '../events.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { answer, type Conversation, converse, markOf, request } from './conversation.ts';

runAgainAfterStalls();

describe('a connection', () => {
  const open: Conversation[] = [];
  let ids: readonly number[] = [];

  async function connect(options: Partial<ConnectionOptions> = {}): Promise<Connection> {
    const conversation = await converse(options);
    open.push(conversation);
    ids = conversation.ids;
    return conversation.connection;
  }

  function received(count: number): Promise<void> {
    return open.at(-1)?.received(count) ?? Promise.reject(new RangeError('no conversation'));
  }

  function peerSends(bytes: Buffer): void {
    open.at(-1)?.peerSends(bytes);
  }

  afterEach(async () => {
    for (const conversation of open.splice(0)) await conversation[Symbol.asyncDispose]();
  });

  it('CLI-001 drops the answer to a request that timed out, and stays usable', async () => {
    const connection = await connect();
    await expect(connection.send(ApiVersions, 2, request, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      sent: true,
    });
    const second = connection.send(ApiVersions, 2, request);
    await received(2);
    peerSends(Buffer.concat([answer(ids[0] ?? 0, 1), answer(ids[1] ?? 0, 2)]));
    expect(markOf(await second)).toBe(2);
    expect(connection.isOpen).toBe(true);
  });

  it('CLI-002 fails only the request that timed out: those behind it get their answers', async () => {
    const connection = await connect();
    const first = connection.send(ApiVersions, 2, request, { timeoutMs: 20 });
    const second = connection.send(ApiVersions, 2, request);
    await expect(first).rejects.toMatchObject({ code: 'TIMEOUT' });
    peerSends(Buffer.concat([answer(ids[0] ?? 0, 1), answer(ids[1] ?? 0, 2)]));
    expect(markOf(await second)).toBe(2);
  });

  it('CLI-002 gives the socket up when nothing at all arrived for a whole request timeout', async () => {
    const connection = await connect({ requestTimeoutMs: 40 });
    const waiting = connection.send(ApiVersions, 2, request, { answerTimeoutMs: 10_000 });
    const late = connection.send(ApiVersions, 2, request);
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
    // The first in line has its own, longer time: like a JoinGroup it may keep the broker busy.
    expect(connection.isOpen).toBe(true);
    connection.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });

    const other = await connect({ requestTimeoutMs: 40 });
    await expect(other.send(ApiVersions, 2, request)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(other.isOpen).toBe(false);
  });

  describe('an answer that takes longer to arrive than its time', () => {
    /** To ApiVersions, with this many APIs. */
    const longAnswer = (id: number, apis: number): Buffer => {
      const frame = Buffer.alloc(4 + 4 + 2 + 4 + apis * 6 + 4);
      frame.writeInt32BE(frame.length - 4);
      frame.writeInt32BE(id, 4);
      frame.writeInt32BE(apis, 10);
      return frame;
    };
    /** Sends the bytes in pieces until all are sent, or the test has seen what it wanted. */
    const arrive = async (bytes: Buffer, chunkBytes: number, seen: AbortSignal): Promise<void> => {
      for (let at = 0; at < bytes.length && !seen.aborted; at += chunkBytes) {
        peerSends(bytes.subarray(at, at + chunkBytes));
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    };
    const slowly = { mayArriveSlowly: () => true };

    it('is waited for as long as it keeps arriving', async () => {
      const connection = await connect({ requestTimeoutMs: 500 });
      const sent = connection.send(ApiVersions, 2, request, slowly);
      await received(1);
      await arrive(longAnswer(ids[0] ?? 0, 40_000), 10_000, new AbortController().signal);
      expect((await sent).apiKeys).toHaveLength(40_000);
    });

    // All of the answer takes 36 times as long to arrive as it is waited for: a slow machine does not change that.
    it.each([
      ['its caller does not allow it', 10_000, {}],
      ['its caller does not want it any more', 10_000, { mayArriveSlowly: () => false }],
      ['the caller has less time', 10_000, { ...slowly, timeoutMs: 90 }],
      ['it only trickles', 40, slowly],
    ])('is not waited for when %s', async (_why, chunkBytes, options) => {
      const connection = await connect({ requestTimeoutMs: 100, maxFrameBytes: 1 << 21 });
      const sent = connection.send(ApiVersions, 2, request, options);
      const seen = new AbortController();
      const failure = expect(sent).rejects.toMatchObject({ code: 'TIMEOUT' });
      await received(1);
      const arriving = arrive(longAnswer(ids[0] ?? 0, 200_000), chunkBytes, seen.signal);
      await failure.finally(() => seen.abort());
      await arriving;
    });
  });

  it('CLI-005 gets the same answers from any chunking of the bytes, and several from one chunk', async () => {
    for (const size of [1, 3, 7, 1000]) {
      const connection = await connect();
      const sent = [1, 2, 3].map(() => connection.send(ApiVersions, 2, request));
      await received(3);
      const bytes = Buffer.concat(ids.map((id, i) => answer(id, i + 10)));
      for (let at = 0; at < bytes.length; at += size) peerSends(bytes.subarray(at, at + size));
      expect((await Promise.all(sent)).map(markOf)).toEqual([10, 11, 12]);
    }
  });

  it('tells everyone who waits the first failure when the peer hangs up', async () => {
    const connection = await connect();
    const sent = [1, 2].map(() => connection.send(ApiVersions, 2, request));
    await received(2);
    open[0]?.peer.accepted[0]?.destroy();
    const [first, second] = await Promise.allSettled(sent);
    expect(first).toMatchObject({ reason: { code: 'CONNECTION', sent: true } });
    expect(first).toMatchObject({
      reason: { message: expect.stringContaining('closed while waiting for ApiVersions') },
    });
    expect(second).toEqual(first);
    await expect(connection.send(ApiVersions, 2, request)).rejects.toBe((first as PromiseRejectedResult).reason);
  });

  it('rejects an aborted request with the reason of its signal, and drops its answer', async () => {
    const connection = await connect();
    const controller = new AbortController();
    const reason = new RangeError('enough');
    const aborted = connection.send(ApiVersions, 2, request, { signal: controller.signal });
    await received(1);
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    const next = connection.send(ApiVersions, 2, request);
    await received(2);
    peerSends(Buffer.concat([answer(ids[0] ?? 0, 1), answer(ids[1] ?? 0, 2)]));
    expect(markOf(await next)).toBe(2);
  });

  it('never sends a request that was aborted before', async () => {
    const connection = await connect();
    const signal = AbortSignal.abort(new RangeError('before'));
    await expect(connection.send(ApiVersions, 2, request, { signal })).rejects.toThrow('before');
    const next = connection.send(ApiVersions, 2, request);
    await received(1);
    expect(ids).toHaveLength(1);
    peerSends(answer(ids[0] ?? 0, 1));
    await next;
  });

  it('CLI-012 holds requests back for as long as the broker asks, in order', async () => {
    const events: KafkaEvent[] = [];
    const connection = await connect({ emit: (event) => void events.push(event) });
    const first = connection.send(ApiVersions, 2, request);
    await received(1);
    peerSends(answer(ids[0] ?? 0, 1, 1000));
    await first;
    const startedAt = performance.now();
    // The time of the answer begins when the bytes have left.
    const later = [1, 2].map(() => connection.send(ApiVersions, 2, request, { answerTimeoutMs: 900 }));
    await received(3);
    expect(performance.now() - startedAt).toBeGreaterThan(950);
    peerSends(Buffer.concat(ids.slice(1).map((id, i) => answer(id, i + 2))));
    expect((await Promise.all(later)).map(markOf)).toEqual([2, 3]);
    expect(events.some((event) => event.type === 'throttle' && event.pauseMs === 1000)).toBe(true);
  });

  it('fails with ProtocolError for an answer that cannot be decoded, and closes', async () => {
    const connection = await connect();
    const sent = connection.send(ApiVersions, 2, request);
    await received(1);
    const bytes = answer(ids[0] ?? 0, 1);
    bytes.writeInt32BE(0x7fffffff, 10); // the count of the list
    peerSends(bytes);
    await expect(sent).rejects.toMatchObject({ code: 'PROTOCOL' });
    expect(connection.isOpen).toBe(false);
  });

  it('closes on an answer to a request that was never sent', async () => {
    const connection = await connect();
    const sent = connection.send(ApiVersions, 2, request);
    await received(1);
    peerSends(answer(12345, 1));
    await expect(sent).rejects.toMatchObject({ code: 'CONNECTION', message: expect.stringContaining('12345') });
  });

  it('closes itself after the idle time, and not before an answer', async () => {
    const connection = await connect({ idleConnectionMs: 20 });
    const sent = connection.send(ApiVersions, 2, request);
    await received(1);
    const closed = new Promise<Error>((resolve) => connection.whenClosed(resolve));
    peerSends(answer(ids[0] ?? 0, 1));
    await sent;
    expect((await closed).message).toContain('without use');
  });
});
