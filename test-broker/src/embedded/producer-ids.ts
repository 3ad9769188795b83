// Producer ids and epochs: what InitProducerId gives out.
import { Errors } from '@hopwire/protocol';

const FIRST_PRODUCER_ID = 1000n;
const LAST_EPOCH = 32766;

export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Gives out producer ids; remembers those of transactional ids. */
export class ProducerIds {
  #next = FIRST_PRODUCER_ID;
  readonly #transactional = new Map<string, ProducerIdentity>();

  fresh(): ProducerIdentity {
    return { producerId: this.#next++, producerEpoch: 0 };
  }

  /** Goes on under a known identity (KIP-360): the epoch is raised; an exhausted epoch gives a new id. */
  bumped(current: ProducerIdentity): ProducerIdentity {
    if (current.producerEpoch >= LAST_EPOCH) return this.fresh();
    return { producerId: current.producerId, producerEpoch: current.producerEpoch + 1 };
  }

  /** @param claimed what the producer says it has; a producer id of -1 claims nothing */
  forTransactionalId(id: string, claimed: ProducerIdentity): ProducerIdentity | { readonly errorCode: number } {
    const known = this.#transactional.get(id);
    const isStale = known && claimed.producerId >= 0n && !isSame(known, claimed);
    if (isStale) return { errorCode: Errors.PRODUCER_FENCED };
    const identity = known ? this.bumped(known) : this.fresh();
    this.#transactional.set(id, identity);
    return identity;
  }
}

function isSame(a: ProducerIdentity, b: ProducerIdentity): boolean {
  return a.producerId === b.producerId && a.producerEpoch === b.producerEpoch;
}
