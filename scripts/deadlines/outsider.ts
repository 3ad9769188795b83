// A member of the group beside the client under test: it joins, and then does nothing more.
import { createClient, JoinGroup, type Kafka } from '@hopwire/client';
import { encodeSubscription, type JoinGroupResponse } from '@hopwire/protocol';
import { Leftovers } from './leftovers.ts';
import { quiet } from './quiet.ts';

const NAME = 'outsider';
/** Its session and its rebalance time-out: longer than anything here. */
const LONG_MS = 120_000;
/** In which a join needs one request. */
const VERSION = 3;

export class Outsider {
  readonly #kafka: Kafka;
  readonly #joins: Promise<unknown>[] = [];

  constructor(bootstrap: string) {
    this.#kafka = Leftovers.outside(() => createClient({ brokers: bootstrap, clientId: NAME, logger: quiet }));
  }

  static isOne(memberId: string): boolean {
    return memberId.startsWith(NAME);
  }

  /** Resolves when the group lets it in; it never joins again, and never sends a heartbeat. */
  join(groupId: string, topic: string): Promise<JoinGroupResponse> {
    const subscription = { version: 0, topics: [topic], userData: null, ownedPartitions: [] };
    const metadata = encodeSubscription({ ...subscription, generationId: -1, rackId: null });
    const body = {
      groupId,
      sessionTimeoutMs: LONG_MS,
      rebalanceTimeoutMs: LONG_MS,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata }],
      reason: null,
    };
    const joining = Leftovers.outside(() => this.#kafka.request(JoinGroup, body, { version: VERSION }));
    this.#joins.push(joining.catch(() => undefined));
    return joining;
  }

  /** Asks, and does not wait for the group. */
  joinLater(groupId: string, topic: string): void {
    this.join(groupId, topic).catch(() => undefined);
  }

  async close(): Promise<void> {
    await Leftovers.outside(() => this.#kafka.close());
    await Promise.all(this.#joins);
  }
}
