// What tests of one group and one partition begin with.
import { TestBroker } from '@hopwire/test-broker';
import { createClient, type Kafka } from '../kafka.ts';
import { quiet } from './loop.ts';

export const inGroup = {
  groupId: 'g',
  topics: ['t'],
  startAt: 'earliest',
  heartbeatIntervalMs: 50,
  maxWaitMs: 20,
} as const;

/** A broker whose topic `t` has the records `0` to `5`, and a client. The test closes both. */
export async function startWithSixRecords(): Promise<{ broker: TestBroker; kafka: Kafka }> {
  const broker = await TestBroker.start({ topics: { t: 1 } });
  const kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  broker.append(
    't',
    Array.from({ length: 6 }, (_, i) => ({ value: `${i}` })),
  );
  return { broker, kafka };
}
