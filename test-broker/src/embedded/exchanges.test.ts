// What the embedded broker shows of its traffic, and that it keeps what it advertises.
import { decodeRequestFrame, decodeResponseFrame, encodeRequestFrame, Metadata, Produce } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { startTarget } from '../harness/index.ts';
import { columnOf } from '../live/matrix.ts';
import type { Exchange } from './exchange.ts';
import { TestBroker } from './test-broker.ts';
import { RawClient } from './testing/raw-client.ts';
import { batchOf, metadataOf, produceOf } from './testing/requests.ts';

describe('onExchange', () => {
  it('sees each request with its answer as they are on the wire, connection by connection', async () => {
    const seen: Exchange[] = [];
    const onExchange = (exchange: Exchange): void => void seen.push(exchange);
    await using broker = await TestBroker.start({ topics: { orders: 1 }, onExchange });
    using first = await RawClient.open(broker.bootstrap);
    using second = await RawClient.open(broker.bootstrap);
    const answer = await first.ask(Metadata, 12, metadataOf('orders'));
    await second.ask(Metadata, 9, metadataOf('orders'));
    expect(seen.map(({ connection }) => connection)).toEqual([1, 2]);
    const [{ request, response } = { request: Buffer.alloc(0), response: null }] = seen;
    expect(decodeRequestFrame(request)).toMatchObject({ apiVersion: 12, clientId: 'raw' });
    expect(response && decodeResponseFrame(Metadata, 12, response).body).toEqual(answer);
  });

  it('sees requests without an answer, and those the connection is closed on', async () => {
    const seen: Exchange[] = [];
    const onExchange = (exchange: Exchange): void => void seen.push(exchange);
    await using broker = await TestBroker.start({ topics: { orders: 1 }, onExchange });
    using client = await RawClient.open(broker.bootstrap);
    client.write(encodeRequestFrame(Produce, 9, produceOf('orders', batchOf(['x']), { acks: 0 })));
    await client.ask(Metadata, 12, metadataOf('orders'));
    broker.on(Metadata, 'kill');
    await expect(client.ask(Metadata, 12, metadataOf('orders'))).rejects.toThrow('closed');
    using other = await RawClient.open(broker.bootstrap);
    await expect(other.askBytes(Buffer.from('7fff0000000000070000', 'hex'))).rejects.toThrow('closed');
    expect(seen.map(({ request, response }) => [request.readInt16BE(4), response !== null])).toEqual([
      [0, false],
      [3, true],
      [3, false],
      [0x7fff, false],
    ]);
  });
});

describe('the embedded broker', () => {
  it('answers every API that it advertises in every version, in bytes that are written again alike', async () => {
    await using target = await startTarget({ kind: 'embedded' });
    const { cells } = await columnOf(target, 'embedded');
    expect(cells.length).toBeGreaterThan(100);
    expect(cells.filter(({ failure, isSameAgain }) => failure !== null || !isSameAgain)).toEqual([]);
  });
});
