// Topics that grow, vanish and lose records; members that the coordinator gives up; a client that stands still.
import type { History } from '../checker/histories.ts';
import type { Surroundings, Trouble } from './trouble.ts';

const MOST_PARTITIONS = 6;
const MOST_CUT = 20;

export const grownTopics: Trouble = ({ world, random }) => {
  const topic = random.pick(Object.keys(world.plan.topics));
  if (!world.broker.topicNames().includes(topic)) return null;
  const count = world.broker.partitionCount(topic) + 1;
  if (count > MOST_PARTITIONS) return null;
  world.trace.say(`${topic} grows to ${count} partitions`);
  world.broker.growTopic(topic, count);
  world.checker.histories.made(topic, world.broker.topicId(topic), count);
  return null;
};

export const topicsMadeAnew: Trouble = ({ world, random }) => {
  const topic = random.pick(Object.keys(world.plan.topics));
  if (!world.broker.topicNames().includes(topic)) return null;
  const partitions = world.broker.partitionCount(topic);
  world.trace.say(`${topic} is deleted`);
  world.broker.deleteTopic(topic);
  world.checker.histories.dropped(topic);
  const end = (): void => {
    world.trace.say(`${topic} is made anew`);
    world.broker.createTopic(topic, partitions);
    world.checker.histories.made(topic, world.broker.topicId(topic), partitions);
  };
  if (random.chance(0.5)) return { forMs: random.skewed(1, 5_000), end };
  end();
  return null;
};

function someHistory({ world, random }: Surroundings): History | null {
  const living = world.checker.histories.living().filter(({ topic }) => topic in world.plan.topics);
  return living.length === 0 ? null : random.pick(living);
}

export const retention: Trouble = (here) => {
  const history = someHistory(here);
  if (!history) return null;
  const { topic, partition, start, end } = history;
  const before = here.random.int(start, end);
  here.world.trace.say(`${history.name} begins at ${before} now`);
  here.world.broker.deleteRecords(topic, partition, BigInt(before));
  here.world.checker.histories.deleted(history, before);
  return null;
};

export const truncation: Trouble = (here) => {
  const history = someHistory(here);
  if (!history || history.end === history.start) return null;
  const { topic, partition, start, end } = history;
  const { broker, checker, trace } = here.world;
  broker.truncate(topic, partition, BigInt(here.random.int(Math.max(start, end - MOST_CUT), end - 1)));
  const left = Number(broker.offsets(topic, partition).end);
  trace.say(`${history.name} is cut at ${left}, its end was ${end}`);
  checker.histories.cut(history, left);
  checker.sends.cut(checker.histories);
  return null;
};

export const expiredMembers: Trouble = ({ world, random }) => {
  if (world.plan.groups.length === 0) return null;
  const { id, options } = random.pick(world.plan.groups);
  const members = world.broker.group(id)?.memberIds ?? [];
  if (members.length === 0) return null;
  const member = random.pick(members);
  world.trace.say(`${id} gives up ${member}`);
  world.checker.owners.excuse(id, world.scheduler.now + (options.sessionTimeoutMs ?? 45_000));
  world.broker.expireMember(id, member);
  return null;
};

/** The event loop is blocked, or the laptop sleeps. */
export const stoppedClient: Trouble = ({ world, random }) => {
  const ms = Math.round(random.skewed(20, 8_000));
  world.trace.say(`the client's process stands still for ${ms} ms`);
  world.scheduler.stop('client', ms);
  world.checker.owners.stopped(world.scheduler.now + ms);
  return null;
};
