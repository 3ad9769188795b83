// Which fault comes when: drawn from the seed, each kind as often as the others.
import type { Random } from '../../packages/protocol/src/testing/random.ts';

/** From the beginning of one fault to the beginning of the next, unless the cluster needs longer to be whole again. */
const PAUSE_MS = [15_000, 20_000] as const;

export interface Turn {
  readonly kind: string;
  readonly pauseMs: number;
}

/** Without end: every kind once in some order, then every kind once in another. */
export function* turns(kinds: readonly string[], random: Random): Generator<Turn, never> {
  for (;;) {
    for (const kind of shuffled(kinds, random)) {
      yield { kind, pauseMs: PAUSE_MS[0] + random.below(PAUSE_MS[1] - PAUSE_MS[0]) };
    }
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  const drawn: T[] = [];
  while (left.length > 0) drawn.push(...left.splice(random.below(left.length), 1));
  return drawn;
}
