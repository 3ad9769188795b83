import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { bytes } from '../testing/bytes.ts';
import { type ConsumerSubscription, decodeSubscription, encodeSubscription } from './subscription.ts';

const full: ConsumerSubscription = {
  version: 3,
  topics: ['a', 'bc'],
  userData: Buffer.from('u'),
  ownedPartitions: [{ topic: 'a', partitions: [0, 7] }],
  generationId: 5,
  rackId: 'r1',
};

const v0 = bytes`
  00000002 0001 'a' 0002 'bc'             // topics
  00000001 'u'                            // user data
`;
const owned = bytes`00000001 0001 'a' 00000002 00000000 00000007`;
const v3 = bytes`0003 ${v0} ${owned} 00000005 0002 'r1'`;

const lacking: Record<number, Partial<ConsumerSubscription>> = {
  0: { version: 0, ownedPartitions: [], generationId: -1, rackId: null },
  1: { version: 1, generationId: -1, rackId: null },
  2: { version: 2, rackId: null },
  3: {},
};

describe('consumer subscription', () => {
  it.each([
    [0, bytes`0000 ${v0}`],
    [1, bytes`0001 ${v0} ${owned}`],
    [2, bytes`0002 ${v0} ${owned} 00000005`],
    [3, v3],
  ])('version %i has these bytes, both ways', (version, golden) => {
    const subscription = { ...full, ...lacking[version] };
    expect(encodeSubscription({ ...full, version })).toEqual(golden);
    expect(decodeSubscription(golden)).toEqual(subscription);
  });

  it('null user data is -1', () => {
    const golden = bytes`0000 00000000 ffffffff`;
    const empty = { ...full, version: 0, topics: [], userData: null };
    expect(encodeSubscription(empty)).toEqual(golden);
    expect(decodeSubscription(golden).userData).toBeNull();
  });

  it('a newer version is read as the newest known, and what follows is ignored', () => {
    const newer = Buffer.concat([bytes`0009`, v3.subarray(2), bytes`abcdef`]);
    expect(decodeSubscription(newer)).toEqual(full);
  });

  it('version 1 without owned partitions, as sarama-cluster and kafkajs write it, has none', () => {
    expect(decodeSubscription(bytes`0001 ${v0}`)).toEqual({ ...full, ...lacking[0], version: 1 });
  });

  it('version 3 may end before the generation or the rack', () => {
    expect(decodeSubscription(bytes`0003 ${v0} ${owned}`)).toEqual({ ...full, generationId: -1, rackId: null });
    expect(decodeSubscription(bytes`0003 ${v0} ${owned} 00000005`)).toEqual({ ...full, rackId: null });
  });

  it('bytes cut inside a field are refused', () => {
    const between = [2 + v0.length, 2 + v0.length + owned.length, 2 + v0.length + owned.length + 4];
    for (let length = 0; length < v3.length; length++) {
      if (between.includes(length)) continue;
      expect(() => decodeSubscription(v3.subarray(0, length)), `${length} bytes`).toThrow(ProtocolError);
    }
  });

  it('a negative version is refused when reading, an unknown one when writing', () => {
    expect(() => decodeSubscription(bytes`ffff ${v0}`)).toThrow(ProtocolError);
    expect(() => encodeSubscription({ ...full, version: 4 })).toThrow(RangeError);
    expect(() => encodeSubscription({ ...full, version: -1 })).toThrow(RangeError);
  });

  it('what a member sends in version 3 is what the leader reads', () => {
    const topic = fc.string({ maxLength: 20, unit: 'binary' });
    const subscription = fc.record({
      version: fc.constant(3),
      topics: fc.array(topic),
      userData: fc.option(fc.uint8Array().map((data) => Buffer.from(data))),
      ownedPartitions: fc.array(fc.record({ topic, partitions: fc.array(fc.nat()) })),
      generationId: fc.integer({ min: -1, max: 0x7fffffff }),
      rackId: fc.option(fc.string()),
    });
    const holds = fc.property(subscription, (s) => {
      expect(decodeSubscription(encodeSubscription(s))).toEqual(s);
    });
    fc.assert(holds);
  });
});
