// The backlog that is drained: written once, read by everybody.

export const BACKLOG = { records: 1_000_000, bytes: 100, partitions: 10 };
const BATCH = 10_000;

/** @param kafka a client of ours */
export async function writeBacklog(kafka, topic) {
  const producer = kafka.producer();
  const value = Buffer.alloc(BACKLOG.bytes, 'x');
  const messages = Array.from({ length: BATCH }, (_, i) => ({ value, partition: i % BACKLOG.partitions }));
  for (let sent = 0; sent < BACKLOG.records; sent += BATCH) await producer.send({ topic, messages });
  await producer.close();
}
