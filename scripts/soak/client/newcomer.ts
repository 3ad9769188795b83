// A client of its own that starts in the middle of a fault, and does the least that a program does: send one record and
// read it.
import type { createClient } from '@hopwire/client';
import { now } from '../clock.ts';
import { NEWCOMERS } from '../workload.ts';
import type { Reporter } from './reporter.ts';

const TIMEOUT_MS = 60_000;

export async function startNewcomer(
  create: typeof createClient,
  bootstrap: string,
  name: string,
  reporter: Reporter,
): Promise<void> {
  const kafka = create({ brokers: [bootstrap], clientId: name });
  const acknowledged = kafka
    .producer()
    .send({ topic: NEWCOMERS.topic, value: name }, { timeoutMs: TIMEOUT_MS })
    .then(now);
  const consumer = kafka.consumer({ assign: [{ topic: NEWCOMERS.topic, partition: 0, offset: 'earliest' }] });
  const read = (async (): Promise<number> => {
    for await (const { value } of consumer) if (String(value) === name) return now();
    throw new Error('its loop ended before its record came');
  })();
  const [ack, record] = await Promise.allSettled([acknowledged, within(TIMEOUT_MS, read)]);
  const failed = [ack, record].find((result) => result.status === 'rejected');
  reporter.tell({
    kind: 'newcomer',
    acknowledgedAt: ack.status === 'fulfilled' ? ack.value : null,
    readAt: record.status === 'fulfilled' ? record.value : null,
    error: failed ? String(failed.reason) : null,
  });
  await kafka.close();
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing was read within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
