import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, encodeRequest } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { AlterPartitionReassignments } from './alter-partition-reassignments.ts';

const cancel = {
  timeoutMs: 5,
  allowReplicationFactorChange: true,
  topics: [{ name: 't', partitions: [{ partitionIndex: 7, replicas: null }] }],
};
const guarded = { ...cancel, allowReplicationFactorChange: false };

describe('AlterPartitionReassignments', () => {
  it('no replicas at all cancel a move, which is not the same as an empty list', () => {
    const v0 = bytes`00000005 02 02 't' 02 00000007 00 00 00 00`;
    expect(encodeRequest(AlterPartitionReassignments, 0, cancel)).toEqual(v0);
    expect(decodeRequest(AlterPartitionReassignments, 0, v0)).toEqual(cancel);
    const empty = bytes`00000005 02 02 't' 02 00000007 01 00 00 00`;
    const topics = [{ name: 't', partitions: [{ partitionIndex: 7, replicas: [] }] }];
    expect(decodeRequest(AlterPartitionReassignments, 0, empty)).toEqual({ ...cancel, topics });
  });

  it('the guard against another replication factor is refused by v0, which would ignore it', () => {
    expect(encodeRequest(AlterPartitionReassignments, 1, guarded)[4]).toBe(0);
    expect(() => encodeRequest(AlterPartitionReassignments, 0, guarded)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(AlterPartitionReassignments, 0, guarded)).toThrow('allowReplicationFactorChange');
  });
});
