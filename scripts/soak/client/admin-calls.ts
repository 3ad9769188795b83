// Admin calls beside everything else, one every two seconds, each with a deadline.
import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Kafka } from '@hopwire/client';
import { now } from '../clock.ts';
import { GROUPS, TOPICS } from '../workload.ts';
import type { Reporter } from './reporter.ts';

const PAUSE_MS = 2000;
const TIMEOUT_MS = 60_000;
const waiting = { timeoutMs: TIMEOUT_MS };

type Call = (admin: Admin, round: number) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  listTopics: (admin) => admin.listTopics(waiting),
  describeTopics: (admin) => admin.describeTopics(names, waiting).then(allOk),
  listOffsets: (admin) =>
    admin.listOffsets(
      names.map((topic) => ({ topic, partition: 0, at: 'latest' })),
      waiting,
    ),
  committedOffsets: (admin) => admin.committedOffsets(Object.keys(GROUPS)[0] ?? '', waiting),
  createTopics: (admin, round) => admin.createTopics([{ topic: `soak-scratch-${round}` }], waiting).then(allOk),
  deleteTopics: (admin, round) => admin.deleteTopics([`soak-scratch-${round}`], waiting).then(allOk),
};
const names = TOPICS.map(({ topic }) => topic);

/** An outcome that is an error counts as a failed call. */
function allOk(outcomes: ReadonlyMap<string, { readonly ok: unknown } | { readonly error: Error }>): void {
  for (const outcome of outcomes.values()) if ('error' in outcome) throw outcome.error;
}

/** Until the signal is aborted. */
export async function callAdmin(kafka: Kafka, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const admin = kafka.admin();
  for (let round = 0; !signal.aborted; round++) {
    for (const [call, make] of Object.entries(calls)) {
      if (signal.aborted) return;
      const began = now();
      const error = await make(admin, round).then(() => null, String);
      if (!signal.aborted) reporter.tell({ kind: 'admin', at: began, call, ms: now() - began, error });
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
