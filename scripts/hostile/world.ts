// A broker that can be made hostile, one client of it, and what is counted.
import { createClient, type Kafka } from '@hopwire/client';
import { type AnyApi, type Api, ApiVersions, apis, encodeResponse, JoinGroup, SyncGroup } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { handlers } from '@hopwire/test-broker/src/handlers/index.ts';
import { quiet } from '../deadlines/quiet.ts';
import { type Mutation, mutated, type Seen } from './mutation.ts';
import { GROUP, PARTITIONS, type Subject, TOPIC, USER } from './subjects.ts';

const offered: ReadonlySet<number> = new Set(handlers.map(({ api }) => api.key));

/** What is done to the answers of one API. */
export interface Hostility {
  readonly api: AnyApi;
  readonly mutation: Mutation;
}

export class World {
  readonly broker: TestBroker;
  readonly kafka: Kafka;
  /** Requests, by the name of their API. */
  readonly requests: Map<string, number> = new Map();
  readonly #look: (seen: Seen) => void;
  #hostility: Hostility | null = null;

  private constructor(broker: TestBroker, subject: Subject, look: (seen: Seen) => void) {
    this.broker = broker;
    this.#look = look;
    for (const api of apis) if (offered.has(api.key)) this.#watch(api);
    this.kafka = createClient({
      brokers: broker.bootstrap,
      clientId: 'hostile',
      logger: quiet,
      requestTimeoutMs: 400,
      connectTimeoutMs: 400,
      ...subject.client,
    });
  }

  static async open(subject: Subject, look: (seen: Seen) => void = () => undefined): Promise<World> {
    const users = subject.client?.sasl ? { [USER.username]: USER.password } : {};
    const broker = await TestBroker.start({ topics: { [TOPIC]: PARTITIONS }, users });
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for (const value of 'abc') broker.append(TOPIC, [{ value }], partition);
    }
    return new World(broker, subject, look);
  }

  /** null: the broker is itself again. */
  become(hostility: Hostility | null): void {
    this.#hostility = hostility;
  }

  /** Whatever was asked. */
  get allRequests(): number {
    let sum = 0;
    for (const count of this.requests.values()) sum += count;
    return sum;
  }

  /**
   * The broker is itself again. Some of what it said lasts until something begins anew, as it has to: what it takes and how
   * long to pause, for a connection; who has which partitions, for a generation of the group.
   */
  becomeWell(): void {
    const { api, mutation } = this.#hostility ?? {};
    this.become(null);
    if (api?.key === ApiVersions.key || mutation?.path.at(-1) === 'throttleTimeMs') this.broker.killConnections();
    if (api?.key !== JoinGroup.key && api?.key !== SyncGroup.key) return;
    for (const memberId of this.broker.group(GROUP)?.memberIds ?? []) this.broker.expireMember(GROUP, memberId);
  }

  requestsOf({ name }: AnyApi): number {
    return this.requests.get(name) ?? 0;
  }

  async close(): Promise<void> {
    await this.kafka.close({ timeoutMs: 0 });
    await this.broker.close();
  }

  #watch<Q, R>(api: Api<Q, R>): void {
    this.broker.on(
      api,
      (_request, { version }) => {
        this.requests.set(api.name, this.requestsOf(api) + 1);
        return { change: (answer) => this.#changed(api, version, answer) };
      },
      { always: true },
    );
  }

  #changed<R>(api: AnyApi, version: number, answer: R): R {
    this.#look({ api, answer });
    const hostility = this.#hostility;
    if (hostility?.api.key !== api.key) return answer;
    // What a version cannot carry is not sent.
    const other = mutated(answer, hostility.mutation) as R;
    return canBeSent(api, version, other) ? other : answer;
  }
}

function canBeSent(api: AnyApi, version: number, answer: unknown): boolean {
  try {
    encodeResponse(api, version, answer);
    return true;
  } catch {
    return false;
  }
}
