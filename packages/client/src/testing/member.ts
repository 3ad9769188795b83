// A member of a group as a process of its own, so that a test can kill it: prints when it owns partitions, and each record it
// handled.
//
//   member.ts HOST:PORT TOPIC GROUP
import { createClient } from '../index.ts';

const [bootstrap = '', topic = '', groupId = ''] = process.argv.slice(2);
const consumer = createClient({ brokers: [bootstrap] }).consumer({
  groupId,
  topics: [topic],
  startAt: 'earliest',
  sessionTimeoutMs: 2000,
  heartbeatIntervalMs: 300,
  commitIntervalMs: 200,
});
const assigned = consumer.whenAssigned().then(() => console.log('assigned'));
for await (const record of consumer) console.log(`${record.partition}/${record.offset}`);
await assigned;
