import { encodeResponseFrame, Metadata } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import type { Address } from './address.ts';
import { Conversation, type Seen } from './conversation.ts';
import { type Rewritten, rewriteAddresses } from './rewriting.ts';

/** An answer that names brokers with these ports. */
function naming(ports: readonly number[]): Seen {
  const body = {
    throttleTimeMs: 0,
    brokers: ports.map((port, nodeId) => ({ nodeId, host: 'kafka', port, rack: null })),
    clusterId: null,
    controllerId: 0,
    topics: [],
    clusterAuthorizedOperations: 0,
    errorCode: 0,
  };
  const bytes = encodeResponseFrame(Metadata, 7, body, 3);
  const unmatched = new Conversation().response(bytes, 0);
  return { ...unmatched, api: Metadata, version: 7, correlationId: 3, body, problem: null };
}

async function rewritten(seen: Seen, most = Infinity): Promise<{ result: Rewritten; asked: number[] }> {
  const asked: number[] = [];
  const result = await rewriteAddresses(seen, async (brokers): Promise<Address[] | null> => {
    asked.push(...brokers.map(({ port }) => port));
    return brokers.length > most ? null : brokers.map(() => ({ host: 'here', port: 1 }));
  });
  return { result, asked };
}

describe('addresses in an answer', () => {
  it('are rewritten unless nobody could connect to them', async () => {
    const { result, asked } = await rewritten(naming([9092, 65_535, 65_536, -1, 0, 2 ** 31 - 1]));
    expect(asked).toEqual([9092, 65_535]);
    expect(result).toMatchObject({ addresses: 2, problem: null });
  });

  it('of more brokers than there are ports for stay as they are, and it is said', async () => {
    const seen = naming([1, 2, 3]);
    const { result } = await rewritten(seen, 2);
    expect(result.problem).toContain('too many brokers');
    expect(result.bytes).toBe(seen.bytes);
  });

  it('that repeat count once', async () => {
    const { result, asked } = await rewritten(naming(Array.from({ length: 5000 }, (_, i) => 10_000 + (i % 10))));
    expect(asked.length).toBe(10);
    expect(result).toMatchObject({ addresses: 5000, problem: null });
  });
});
