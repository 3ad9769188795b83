import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ConsumerGroupHeartbeat } from './consumer-group-heartbeat.ts';

const unchanged = {
  groupId: 'g',
  memberId: 'm',
  memberEpoch: 3,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: -1,
  subscribedTopicNames: null,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: null,
};

describe('ConsumerGroupHeartbeat', () => {
  it('a member for which nothing changed says next to nothing', () => {
    expect(encodeRequest(ConsumerGroupHeartbeat, 0, unchanged)).toEqual(
      bytes`02 'g' 02 'm' 00000003 00 00 ffffffff 00 00 00  00`,
    );
    expect(encodeRequest(ConsumerGroupHeartbeat, 1, unchanged)).toEqual(
      bytes`02 'g' 02 'm' 00000003 00 00 ffffffff 00 00 00 00  00`,
    );
  });

  it('v0 refuses a regular expression, the empty one too: a member without a subscription waits forever', () => {
    for (const subscribedTopicRegex of ['t.*', '']) {
      const request = { ...unchanged, subscribedTopicRegex };
      expect(() => encodeRequest(ConsumerGroupHeartbeat, 0, request)).toThrow(UnsupportedFieldError);
      expect(() => encodeRequest(ConsumerGroupHeartbeat, 0, request)).toThrow('subscribedTopicRegex');
    }
  });

  it('an assignment that did not change is told from one of nothing', () => {
    const head = bytes`00000000 0000 00 02 'm' 00000004 00001388`;
    const answer = { throttleTimeMs: 0, errorCode: 0, errorMessage: null, memberId: 'm', memberEpoch: 4 };
    for (const [assignment, rest] of [
      [null, bytes`ff  00`],
      [{ topicPartitions: [] }, bytes`01 01 00  00`],
    ] as const) {
      const response = { ...answer, heartbeatIntervalMs: 5000, assignment: assignment && { topicPartitions: [] } };
      expect(encodeResponse(ConsumerGroupHeartbeat, 1, response)).toEqual(Buffer.concat([head, rest]));
      expect(decodeResponse(ConsumerGroupHeartbeat, 1, Buffer.concat([head, rest]))).toEqual(response);
    }
  });
});
