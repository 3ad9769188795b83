// producer.writable()
import { ReadableStream } from 'node:stream/web';
import { Errors, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { numbers, refusal, rejection, rig, timed, valuesOf } from './testing.ts';

describe('a stream of records', () => {
  it('fails with the reason when its topic is refused: write or close rejects', async () => {
    await using broker = await TestBroker.start({ topics: { secret: 1 }, denyTopics: ['secret'] });
    await using r = rig(broker.bootstrap);
    const writer = r.producer.writable().getWriter();
    const closed = rejection(writer.closed);
    const error = await rejection(
      (async () => {
        for (const value of numbers(10)) await writer.write({ topic: 'secret', value });
        await writer.close();
      })(),
    );
    expect(error).toMatchObject({ code: 'DELIVERY', outcome: 'no', cause: { code: 'TOPIC_AUTHORIZATION_FAILED' } });
    expect(await closed).toBe(error);
    expect(r.logged).toEqual([]);
  });

  it('fails when one record of many is lost later, and takes no more', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'warm' });
    broker.on(Produce, (q) => refusal(q, Errors.INVALID_RECORD));
    const writer = r.producer.writable().getWriter();
    void writer.closed.catch(() => undefined);
    await writer.write({ topic: 'orders', value: 'x' });
    expect(await rejection(writer.close())).toMatchObject({ cause: { code: 'INVALID_RECORD' } });
    expect(await rejection(writer.write({ topic: 'orders', value: 'y' }))).toBeDefined();
  });

  it('fails with what is wrong about a record, and with the end of the producer', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    const wrong = r.producer.writable().getWriter();
    void wrong.closed.catch(() => undefined);
    expect(await rejection(wrong.write({ topic: 'orders', value: 7 as never }))).toBeInstanceOf(TypeError);
    const late = r.producer.writable().getWriter();
    void late.closed.catch(() => undefined);
    await r.producer.close();
    expect(await rejection(late.write({ topic: 'orders', value: 'x' }))).toMatchObject({ code: 'CLOSED' });
  });

  it('takes no more than there is room for, and goes on when there is', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { bufferBytes: 4096 });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    await broker.stop();
    const writer = r.producer.writable().getWriter();
    let written = 0;
    const all = (async () => {
      for (const n of numbers(100)) {
        await writer.write({ topic: 'orders', value: n.padEnd(200) });
        written++;
      }
      await writer.close();
    })();
    await expect.poll(() => written).toBeGreaterThan(5);
    expect(r.producer.bufferedBytes).toBeLessThanOrEqual(4096);
    expect(written).toBeLessThan(30);
    await broker.restart();
    await all;
    expect(valuesOf(broker, 'orders')).toHaveLength(101);
  });

  it('ends at once when it is aborted while a write waits for room', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { bufferBytes: 1024 });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    await broker.stop();
    const stream = r.producer.writable();
    const writer = stream.getWriter();
    void writer.closed.catch(() => undefined);
    const writes = numbers(4).map((n) => rejection(writer.write({ topic: 'orders', value: n.padEnd(800) })));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await timed(writer.abort(new Error('enough')))).ms).toBeLessThan(1000);
    expect(String((await Promise.all(writes)).at(-1))).toMatch('enough');
  });

  it('ends at once when it is aborted while its end waits for what is buffered', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'warm' });
    await broker.stop();
    const writer = r.producer.writable().getWriter();
    void writer.closed.catch(() => undefined);
    await writer.write({ topic: 'orders', value: 'late' });
    const closed = rejection(writer.close());
    expect((await timed(writer.abort(new Error('enough')))).ms).toBeLessThan(1000);
    expect(String(await closed)).toMatch('enough');
  });

  it('is the end of a pipeline, which fails with it', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1, secret: 1 }, denyTopics: ['secret'] });
    await using r = rig(broker.bootstrap, { bufferBytes: 4096 });
    const records = (topic: string) => ReadableStream.from(numbers(300).map((value) => ({ topic, value })));
    await records('orders').pipeTo(r.producer.writable());
    expect(valuesOf(broker, 'orders')).toEqual(numbers(300));
    expect(await rejection(records('secret').pipeTo(r.producer.writable()))).toMatchObject({ code: 'DELIVERY' });
  });

  it('ends when its own records are delivered, whatever those of others wait for', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 }, autoCreateTopics: false });
    await using r = rig(broker.bootstrap, { lingerMs: 60_000 });
    const others = [
      rejection(r.producer.send({ topic: 'nowhere', value: 'x' }, { timeoutMs: 5_000 })),
      rejection(r.producer.send({ topic: 'orders', value: 'x', partition: 5 }, { timeoutMs: 4_000 })),
    ];
    const writer = r.producer.writable().getWriter();
    for (const value of numbers(3)) await writer.write({ topic: 'orders', value });
    const { ms } = await timed(writer.close());
    expect(valuesOf(broker, 'orders')).toEqual(['0', '1', '2']);
    expect(ms).toBeLessThan(2_000);
    await r.producer.close({ timeoutMs: 0 });
    await Promise.all(others);
  });
});
