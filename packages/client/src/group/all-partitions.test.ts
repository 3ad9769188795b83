// Without a group every partition of the chosen topics is read, also those that appear later.
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Member, until } from './testing.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { a: 2, b: 1 }, autoCreateTopics: false });
});

afterEach(() => broker.close());

const reader = (topics: (string | RegExp)[]): Promise<Member> => Member.joined(broker, { groupId: undefined, topics });

describe('a reader without a group', () => {
  it('gets everything, and is told even if that is nothing', async () => {
    await using all = await reader(['a', 'b']);
    await using none = await reader(['nowhere']);
    expect([all.told, none.told]).toEqual([['assigned a0 a1 b0'], ['assigned']]);
  });

  it('gets new partitions and topics beside those that it has', async () => {
    await using member = await reader(['a', 'later']);
    broker.growTopic('a', 4);
    await member.cluster.freshMetadata(['a']);
    await until(() => member.owned === 4);
    broker.createTopic('later', 1);
    await until(() => member.owned === 5);
    expect(member.told).toEqual(['assigned a0 a1', 'assigned a2 a3', 'assigned later0']);
    expect([...member.handler.news]).toEqual(['a2', 'a3', 'later0']);
  });

  it('loses a topic that is deleted, and keeps the others', async () => {
    await using member = await reader(['a', 'b']);
    broker.deleteTopic('a');
    await member.cluster.freshMetadata(['a']);
    await until(() => member.told.length === 2);
    expect([member.told[1], [...member.handler.owned]]).toEqual(['lost a0 a1', ['b0']]);
  });

  it('keeps the partitions of a topic that was made anew, and gets those that it has more', async () => {
    await using member = await reader(['a', 'b']);
    broker.recreateTopic('a');
    broker.growTopic('a', 3);
    await member.cluster.freshMetadata(['a']);
    await until(() => member.told.length === 2);
    expect(member.told.slice(1)).toEqual(['assigned a2']);
    expect([...member.handler.news]).toEqual(['a2']);
  });

  it('goes on with its topics when one is denied', async () => {
    broker.deny({ denyTopics: ['b'] });
    await using member = await reader(['a', 'b']);
    expect([member.told, member.handler.topicErrors.length]).toEqual([['assigned a0 a1'], 1]);
  });

  it('ends with the error of a topic that must not be missing', async () => {
    await using member = new Member(broker, { groupId: undefined, topics: ['nowhere'], onMissingTopic: 'throw' });
    member.membership.start();
    await until(() => member.handler.fatal.length > 0);
    expect(member.handler.fatal).toMatchObject([{ code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'nowhere' }]);
  });

  it('gives everything back at close', async () => {
    await using member = await reader(['a']);
    expect(await member.close()).toBeLessThan(100);
    expect(member.told).toEqual(['assigned a0 a1', 'revoked a0 a1']);
  });
});
