import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { bytes } from '../testing/bytes.ts';
import { type ConsumerAssignment, decodeAssignment, encodeAssignment } from './assignment.ts';

const assignment: ConsumerAssignment = {
  version: 1,
  assignedPartitions: [
    { topic: 'mytopic1', partitions: [3, 5] },
    { topic: 'm2', partitions: [] },
  ],
  userData: Buffer.from('u'),
};

const partitions = bytes`
  00000002
    0008 'mytopic1' 00000002 00000003 00000005
    0002 'm2' 00000000
`;
const golden = bytes`0001 ${partitions} 00000001 'u'`;

describe('consumer assignment', () => {
  it('has these bytes, both ways', () => {
    expect(encodeAssignment(assignment)).toEqual(golden);
    expect(decodeAssignment(golden)).toEqual(assignment);
  });

  it('null user data is -1', () => {
    const without = { ...assignment, userData: null };
    expect(encodeAssignment(without)).toEqual(bytes`0001 ${partitions} ffffffff`);
    expect(decodeAssignment(encodeAssignment(without))).toEqual(without);
  });

  it('without user data, as pykafka writes it, it is read as null', () => {
    expect(decodeAssignment(bytes`0001 ${partitions}`)).toEqual({ ...assignment, userData: null });
  });

  it('a newer version is read as the newest known, and what follows is ignored', () => {
    const newer = Buffer.concat([bytes`0007`, golden.subarray(2), bytes`abcdef`]);
    expect(decodeAssignment(newer)).toEqual({ ...assignment, version: 3 });
  });

  it('bytes cut inside a field are refused, no bytes at all too', () => {
    for (let length = 0; length < golden.length; length++) {
      if (length === 2 + partitions.length) continue;
      expect(() => decodeAssignment(golden.subarray(0, length)), `${length} bytes`).toThrow(ProtocolError);
    }
  });

  it('a negative version is refused when reading, an unknown one when writing', () => {
    expect(() => decodeAssignment(bytes`fffe ${partitions}`)).toThrow(ProtocolError);
    expect(() => encodeAssignment({ ...assignment, version: 4 })).toThrow(RangeError);
  });

  it('what the leader writes is what the member reads', () => {
    const topicPartitions = fc.record({ topic: fc.string({ maxLength: 20 }), partitions: fc.array(fc.nat()) });
    const any = fc.record({
      version: fc.integer({ min: 0, max: 3 }),
      assignedPartitions: fc.array(topicPartitions),
      userData: fc.option(fc.uint8Array().map((data) => Buffer.from(data))),
    });
    const holds = fc.property(any, (a) => {
      expect(decodeAssignment(encodeAssignment(a))).toEqual(a);
    });
    fc.assert(holds);
  });
});
