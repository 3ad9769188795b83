// The broker that coordinates one group: found when needed, forgotten when it says so or is gone.
import { type Api, CoordinatorType, LeaveGroup } from '@hopwire/protocol';
import type { Purpose, SendOptions } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { brokerError } from '../errors.ts';
import { Deadline } from '../util/timers.ts';

export class Coordinator {
  readonly #cluster: Cluster;
  readonly #groupId: string;

  constructor(cluster: Cluster, groupId: string) {
    this.#cluster = cluster;
    this.#groupId = groupId;
  }

  forget(): void {
    this.#cluster.forgetCoordinator(this.#groupId, CoordinatorType.group);
  }

  /** One attempt. @param body made once the version is known */
  async send<Q, R>(api: Api<Q, R>, body: (version: number) => Q, o: SendOptions): Promise<R> {
    const { signal, timeoutMs, purpose = 'coordinator' } = o;
    const deadline = timeoutMs === undefined ? null : new Deadline(timeoutMs);
    const waiting = { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
    const broker = await this.#cluster.coordinatorFor(this.#groupId, CoordinatorType.group, waiting);
    const version = await broker.versionOf(api, { ...waiting, purpose });
    const left = deadline && { timeoutMs: deadline.remainingMs };
    return broker.send(api, body(version), { ...waiting, ...left, purpose, version });
  }

  async leave(memberId: string, o: { purpose: Purpose; timeoutMs: number }): Promise<void> {
    const body = {
      groupId: this.#groupId,
      members: [{ memberId, groupInstanceId: null, reason: 'the consumer was closed' }],
    };
    const { errorCode, members } = await this.send(LeaveGroup, (version) => withoutReason(body, version), o);
    const code = errorCode || (members[0]?.errorCode ?? 0);
    if (code !== 0) throw brokerError(code, 'LeaveGroup', { subject: `group ${this.#groupId}` });
  }
}

type Leaving = { groupId: string; members: { memberId: string; groupInstanceId: null; reason: string | null }[] };

function withoutReason(body: Leaving, version: number): Leaving {
  if (version >= 5) return body;
  return { ...body, members: body.members.map((member) => ({ ...member, reason: null })) };
}
