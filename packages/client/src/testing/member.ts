// Two members of a group out of one client, in a process of their own, so that a test can kill them: prints when both own
// partitions, and each record they handled.
//
//   member.ts HOST:PORT TOPIC GROUP
import { type Consumer, createClient } from '../index.ts';

const [bootstrap = '', topic = '', groupId = ''] = process.argv.slice(2);
const kafka = createClient({ brokers: [bootstrap] });
const member = (): Consumer =>
  kafka.consumer({
    groupId,
    topics: [topic],
    startAt: 'earliest',
    sessionTimeoutMs: 2000,
    heartbeatIntervalMs: 300,
    commitIntervalMs: 200,
  });
const print = async (consumer: Consumer): Promise<void> => {
  for await (const record of consumer) console.log(`${record.partition}/${record.offset}`);
};

const members = [member(), member()];
const loops = members.map(print);
await Promise.all(members.map((consumer) => consumer.whenAssigned()));
console.log('assigned');
await Promise.all(loops);
