import { encodeRequestFrame, encodeResponseFrame, Heartbeat } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { Conversation } from './conversation.ts';

const body = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };
const request = (correlationId: number): Buffer => encodeRequestFrame(Heartbeat, 4, body, { correlationId });
const response = (correlationId: number): Buffer =>
  encodeResponseFrame(Heartbeat, 4, { throttleTimeMs: 0, errorCode: 0 }, correlationId);

describe('a conversation', () => {
  it('matches answers that come out of order', () => {
    const conversation = new Conversation();
    for (const id of [1, 2, 3]) conversation.request(request(id), id);
    for (const id of [3, 1, 2]) {
      const seen = conversation.response(response(id), 10);
      expect(seen).toMatchObject({ api: Heartbeat, correlationId: id, latencyMs: 10 - id, problem: null });
    }
    expect(conversation.response(response(2), 11).problem).toBe('it answers no request that was seen');
  });

  it('forgets the oldest of requests that a broker never answers', () => {
    const conversation = new Conversation();
    for (let id = 0; id < 10_001; id++) conversation.request(request(id), 0);
    expect(conversation.response(response(0), 1).problem).toBe('it answers no request that was seen');
    expect(conversation.response(response(1), 1).problem).toBeNull();
    expect(conversation.response(response(10_000), 1).problem).toBeNull();
  });

  it('waits for no answer to what has no correlation id', () => {
    const conversation = new Conversation();
    conversation.request(request(7), 0);
    for (let i = 0; i < 10_001; i++) conversation.request(Buffer.alloc(4), 0);
    expect(conversation.response(response(7), 1).problem).toBeNull();
  });
});
