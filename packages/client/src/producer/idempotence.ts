// The producer id (KIP-98): taken once, and taken anew when the broker does not accept it any more.
//
//   none --first use--> acquiring --InitProducerId--> active --lost--> none
//                          | refused: whoever waits is told, and the next use tries again
import { InitProducerId, type InitProducerIdResponse } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, isRetriable } from '../errors.ts';
import type { Backoff } from '../util/backoff.ts';
import { sleep } from '../util/timers.ts';
import type { Identity } from './batch.ts';

/** Without a transactional id no transaction can run out of time; brokers still check the number. */
const TRANSACTION_TIMEOUT_MS = 60_000;

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
  #acquiring: Promise<void> | null = null;

  constructor(cluster: Cluster, backoff: Backoff, signal: AbortSignal, hooks: IdempotenceHooks) {
    this.#cluster = cluster;
    this.#backoff = backoff;
    this.#signal = signal;
    this.#hooks = hooks;
  }

  /** The identity, or null: then one is being asked for. */
  current(): Identity | null {
    if (!this.#identity) this.#acquire();
    return this.#identity;
  }

  /** This one is not accepted any more. */
  renew(identity: Identity): void {
    if (this.#identity === identity) this.#identity = null;
  }

  #acquire(): void {
    if (this.#signal.aborted) return;
    this.#acquiring ??= this.#run().finally(() => {
      this.#acquiring = null;
      if (this.#identity) this.#hooks.acquired();
    });
  }

  async #run(): Promise<void> {
    for (let attempt = 1; this.#hooks.isNeeded(); attempt++) {
      try {
        this.#identity = await this.#ask();
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        if (!isRetriable(error)) return this.#hooks.refused(asError(error));
        this.#hooks.failed(asError(error));
      }
      await sleep(this.#backoff.delay(attempt), this.#signal).catch(() => undefined); // aborted: the loop ends by itself
      if (this.#signal.aborted) return;
    }
  }

  async #ask(): Promise<Identity> {
    const broker = await this.#cluster.anyBroker({ signal: this.#signal });
    const response: InitProducerIdResponse = await broker.send(
      InitProducerId,
      {
        transactionalId: null,
        transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
        producerId: -1n,
        producerEpoch: -1,
        enable2Pc: false,
        keepPreparedTxn: false,
      },
      { signal: this.#signal },
    );
    if (response.errorCode !== 0) throw brokerError(response.errorCode, 'InitProducerId');
    return { producerId: response.producerId, producerEpoch: response.producerEpoch };
  }
}
