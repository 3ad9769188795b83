// No broker can be reached: whoever waits is told why.
import { freePorts } from '@hopwire/test-broker/harness';
import { expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import { quiet } from '../testing/loop.ts';

const t = { topic: 't', partition: 0 } as const;
const readers: readonly ConsumerOptions[] = [
  { assign: [{ ...t, offset: 'earliest' }] },
  { groupId: 'g', topics: ['t'] },
];

it.each(readers)('a wait for partitions says what is in the way (%j)', async (options) => {
  const [port] = await freePorts(1);
  await using kafka = createClient({ brokers: `127.0.0.1:${port}`, logger: quiet });
  const waiting = kafka.consumer(options).whenAssigned({ timeoutMs: 300 });
  await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT', message: /connection refused/ });
});
