// Versions that a broker advertises and does not take, each with its reason.
import type { Cell } from './matrix.ts';

interface KnownHole {
  /** Beginning of the broker's name. */
  readonly broker: string;
  readonly api: string;
  readonly versions: readonly number[];
  readonly reason: string;
}

const KNOWN: readonly KnownHole[] = [
  {
    broker: 'Kafka 4.',
    api: 'Produce',
    versions: [0, 1, 2],
    reason: 'removed in 4.0 (KIP-896), but advertised so that old librdkafka can tell its features (KAFKA-18659)',
  },
];

/** undefined: nobody knows why. */
export function knownHole(broker: string, { api, version }: Pick<Cell, 'api' | 'version'>): string | undefined {
  return KNOWN.find(
    (hole) => broker.startsWith(hole.broker) && hole.api === api.name && hole.versions.includes(version),
  )?.reason;
}
