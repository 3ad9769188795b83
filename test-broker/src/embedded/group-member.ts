// One member of a classic group, and who of it waits for an answer.
import type { JoinGroupRequest, JoinGroupResponse, SyncGroupResponse } from '@hopwire/protocol';
import { clock, type Timer } from './clock.ts';

/** A member as the coordinator knows it. */
export class GroupMember {
  readonly instanceId: string | null;
  readonly clientId: string;
  id: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocolType: string;
  protocols: readonly { readonly name: string; readonly metadata: Buffer }[];
  assignment: Buffer = Buffer.alloc(0);
  joinWaiter: ((answer: JoinGroupResponse) => void) | null = null;
  syncWaiter: ((answer: SyncGroupResponse) => void) | null = null;
  hasSynced = false;
  #timer: Timer | undefined;

  constructor(id: string, clientId: string, request: JoinGroupRequest) {
    this.id = id;
    this.clientId = clientId;
    this.instanceId = request.groupInstanceId;
    this.sessionTimeoutMs = request.sessionTimeoutMs;
    this.rebalanceTimeoutMs = rebalanceTimeoutOf(request);
    this.protocolType = request.protocolType;
    this.protocols = request.protocols;
  }

  update(request: JoinGroupRequest): void {
    this.sessionTimeoutMs = request.sessionTimeoutMs;
    this.rebalanceTimeoutMs = rebalanceTimeoutOf(request);
    this.protocols = request.protocols;
  }

  offersSame(request: JoinGroupRequest): boolean {
    return (
      request.protocols.length === this.protocols.length &&
      this.protocols.every((protocol, i) => {
        const other = request.protocols[i];
        return other?.name === protocol.name && other.metadata.equals(protocol.metadata);
      })
    );
  }

  metadataFor(protocol: string): Buffer {
    return this.protocols.find((offered) => offered.name === protocol)?.metadata ?? Buffer.alloc(0);
  }

  /** Starts the session anew. While an answer is owed to the member it cannot time out. */
  touch(onExpired: () => void): void {
    clock.clearTimer(this.#timer);
    this.#timer = clock.setTimer(() => {
      if (this.joinWaiter || this.syncWaiter) this.touch(onExpired);
      else onExpired();
    }, this.sessionTimeoutMs);
    this.#timer.unref();
  }

  stopTimer(): void {
    clock.clearTimer(this.#timer);
  }

  answerJoin(answer: JoinGroupResponse): void {
    const waiter = this.joinWaiter;
    this.joinWaiter = null;
    waiter?.(answer);
  }

  answerSync(answer: SyncGroupResponse): void {
    const waiter = this.syncWaiter;
    this.syncWaiter = null;
    waiter?.(answer);
  }
}

/** Version 0 has only the session time-out. */
function rebalanceTimeoutOf(request: JoinGroupRequest): number {
  return request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs;
}
