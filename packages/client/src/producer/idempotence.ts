// The producer id (KIP-98): taken once. When the numbers of a partition are not certain any more, the next epoch of the
// same id begins (KIP-360), so that the broker refuses what is still on its way under the old one. Only a broker that does
// not accept the id makes us take another.
//
//   none --first use--> acquiring --InitProducerId--> active --numbers lost--> active, next epoch
//     ^                    | refused: whoever waits is told, and   | not accepted, or no epoch is left
//     '--------------------'    the next use tries again           |
//     '------------------------------------------------------------'
import { Errors, InitProducerId, type InitProducerIdResponse } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, isBrokerError, isKafkaError } from '../errors.ts';
import type { Backoff } from '../util/backoff.ts';
import { sleep } from '../util/timers.ts';
import type { Identity } from './batch.ts';

/** Without a transactional id no transaction can run out of time; brokers still check the number. */
const TRANSACTION_TIMEOUT_MS = 60_000;
/** The next one would not fit into its 16 bits. */
const LAST_EPOCH = 32_766;
/** A broker that is silent is not waited for for longer; the next attempt asks others. */
const ATTEMPT_MS = 5_000;

export interface IdempotenceHooks {
  /** There is an identity now. */
  readonly acquired: () => void;
  /** There will be none: `reason` says why and what to do. */
  readonly refused: (reason: Error) => void;
  /** An attempt failed and will be repeated. */
  readonly failed: (reason: Error) => void;
  /** Does anybody still wait for one? */
  readonly isNeeded: () => boolean;
}

export class Idempotence {
  readonly #cluster: Cluster;
  readonly #backoff: Backoff;
  readonly #signal: AbortSignal;
  readonly #hooks: IdempotenceHooks;
  #identity: Identity | null = null;
  #isAcquiring = false;

  constructor(cluster: Cluster, backoff: Backoff, signal: AbortSignal, hooks: IdempotenceHooks) {
    this.#cluster = cluster;
    this.#backoff = backoff;
    this.#signal = signal;
    this.#hooks = hooks;
  }

  /** The identity, or null: then one is being asked for. */
  current(): Identity | null {
    if (!this.#identity && !this.#isAcquiring && !this.#signal.aborted) {
      this.#isAcquiring = true;
      void this.#acquire();
    }
    return this.#identity;
  }

  /** Numbers that were given under this one are lost, so no more are. */
  renew(identity: Identity): void {
    if (this.#identity !== identity) return;
    const { producerId, producerEpoch } = identity;
    this.#identity = producerEpoch < LAST_EPOCH ? { producerId, producerEpoch: producerEpoch + 1 } : null;
  }

  /** The broker does not accept it, so the next epoch of it would not be accepted either. */
  replace(identity: Identity): void {
    if (this.#identity === identity) this.#identity = null;
  }

  /** Ends in one step: whoever is told of its end may need the next identity at once. */
  async #acquire(): Promise<void> {
    for (let attempt = 1; this.#hooks.isNeeded() && !this.#signal.aborted; attempt++) {
      const asked = await this.#ask().catch(asError);
      if (this.#signal.aborted) break;
      if (!(asked instanceof Error)) {
        this.#identity = asked;
        this.#isAcquiring = false;
        this.#hooks.acquired();
        return;
      }
      if (isRefusal(asked)) {
        this.#isAcquiring = false;
        this.#hooks.refused(asked);
        return;
      }
      this.#hooks.failed(asked);
      await sleep(this.#backoff.delay(attempt), this.#signal).catch(() => undefined); // aborted: the loop ends by itself
    }
    this.#isAcquiring = false;
  }

  async #ask(): Promise<Identity> {
    const request = {
      transactionalId: null,
      transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
      producerId: -1n,
      producerEpoch: -1,
      enable2Pc: false,
      keepPreparedTxn: false,
    };
    const timeoutMs = Math.min(ATTEMPT_MS, this.#cluster.options.requestTimeoutMs);
    const waiting = { signal: this.#signal, timeoutMs };
    const response: InitProducerIdResponse = await this.#cluster.askAny(InitProducerId, request, waiting);
    if (response.errorCode !== 0) throw brokerError(response.errorCode, 'InitProducerId');
    return { producerId: response.producerId, producerEpoch: response.producerEpoch };
  }
}

/** A broker that shuts down may say UNKNOWN_SERVER_ERROR to everything; all else that Kafka calls final is. */
function isRefusal(error: Error): boolean {
  if (isBrokerError(error) && error.errorCode === Errors.UNKNOWN_SERVER_ERROR) return false;
  return isKafkaError(error) && !error.retriable;
}
