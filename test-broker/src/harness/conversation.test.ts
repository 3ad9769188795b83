// Conversations with brokers that answer, hang up, or say nothing.
import { createServer } from 'node:net';
import { correlationIdOf, encodeRequestFrame, Heartbeat } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { TestBroker } from '../embedded/test-broker.ts';
import { Conversation } from './conversation.ts';
import { TargetError } from './target.ts';

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };

describe('a conversation', () => {
  it('gives each answer without its size: it begins with the correlation id', async () => {
    await using broker = await TestBroker.start();
    await using conversation = Conversation.open(broker.bootstrap);
    for (const correlationId of [4711, 4712]) {
      const answer = await conversation.exchange(encodeRequestFrame(Heartbeat, 4, heartbeat, { correlationId }));
      expect(correlationIdOf(answer)).toBe(correlationId);
    }
  });

  it('reads an answer, and tells whether it is written again as the same bytes', async () => {
    await using broker = await TestBroker.start();
    await using conversation = Conversation.open(broker.bootstrap);
    const { body, isSameAgain } = await conversation.ask(Heartbeat, 4, heartbeat);
    expect(body.errorCode).toBe(25);
    expect(isSameAgain).toBe(true);
  });

  it('fails when the connection is closed instead, and stays so', async () => {
    await using broker = await TestBroker.start();
    await using conversation = Conversation.open(broker.bootstrap);
    const unknown = Buffer.from('0000000a03e70000000000070000', 'hex');
    await expect(conversation.exchange(unknown)).rejects.toThrow('gave no answer: the connection was closed');
    await expect(conversation.exchange(unknown)).rejects.toThrow(TargetError);
  });

  it('fails when nothing comes in time', async () => {
    const mute = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    await using conversation = Conversation.open(`127.0.0.1:${port}`, 50);
    await expect(conversation.exchange(Buffer.alloc(4))).rejects.toThrow('nothing for 50 ms');
    mute.close();
  });
});
