// What a partition remembers of idempotent producers (KIP-98, KIP-360): the last five batches of each; of those only the
// newest one after its broker was started again, because a snapshot of the producers holds no more.
import { Errors } from '@hopwire/protocol';

const REMEMBERED = 5;
const SEQUENCES = 2 ** 31;

/** The part of a batch that idempotence is about. */
export interface ProducerBatch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastOffsetDelta: number;
}

interface Written {
  readonly first: number;
  readonly last: number;
  readonly baseOffset: bigint;
}

interface ProducerState {
  epoch: number;
  batches: Written[];
}

/** Write it; or answer like the first time; or refuse. */
export type Verdict = 'write' | { readonly duplicateOf: bigint } | { readonly errorCode: number };

/** Producers of one partition. */
export class ProducerStates {
  readonly #states = new Map<bigint, ProducerState>();

  check(batch: ProducerBatch): Verdict {
    const state = this.#states.get(batch.producerId);
    if (!state) return 'write';
    if (batch.producerEpoch < state.epoch) return { errorCode: Errors.INVALID_PRODUCER_EPOCH };
    if (batch.producerEpoch > state.epoch) {
      return batch.baseSequence === 0 ? 'write' : { errorCode: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER };
    }
    const last = lastSequence(batch);
    const same = state.batches.find((written) => written.first === batch.baseSequence && written.last === last);
    if (same) return { duplicateOf: same.baseOffset };
    const newest = state.batches.at(-1);
    if (newest && batch.baseSequence !== (newest.last + 1) % SEQUENCES) {
      return { errorCode: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER };
    }
    return 'write';
  }

  remember(batch: ProducerBatch, baseOffset: bigint): void {
    const known = this.#states.get(batch.producerId);
    const state = known?.epoch === batch.producerEpoch ? known : { epoch: batch.producerEpoch, batches: [] };
    state.batches.push({ first: batch.baseSequence, last: lastSequence(batch), baseOffset });
    if (state.batches.length > REMEMBERED) state.batches.shift();
    this.#states.set(batch.producerId, state);
  }

  /** What a broker that was started again knows: the newest batch of each producer. */
  forgetOlder(): void {
    for (const state of this.#states.values()) state.batches = state.batches.slice(-1);
  }

  /** Knows afterwards what stands in these batches, as a broker does after its log was cut. */
  rebuildFrom(batches: Iterable<ProducerBatch & { readonly baseOffset: bigint }>): void {
    this.#states.clear();
    for (const batch of batches) if (batch.producerId >= 0n) this.remember(batch, batch.baseOffset);
  }
}

function lastSequence(batch: ProducerBatch): number {
  return (batch.baseSequence + batch.lastOffsetDelta) % SEQUENCES;
}
