// A classic consumer group: Empty -> PreparingRebalance -> CompletingRebalance -> Stable (Kafka's GroupCoordinator).
//
// `group.initial.rebalance.delay.ms` is 0. The join barrier opens when every known member has joined, or when the
// longest rebalance time-out of the members has passed; who has not joined by then is out.
import {
  Errors,
  type HeartbeatRequest,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@hopwire/protocol';
import { clock, randomUuid, type Timer } from './clock.ts';
import { joinAnswer, joinRefusal, syncRefusal } from './group-answers.ts';
import { GroupMember } from './group-member.ts';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** What identifies a member in every request after the join. */
export interface MemberClaim {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

/** How a join came in. */
export interface JoinPlace {
  readonly clientId: string;
  readonly version: number;
}

const TWO_STEP_SINCE = 4;
const SKIP_ASSIGNMENT_SINCE = 9;
const SILENT_MEMBERS_RETRY_MS = 1000;

/** The state machine of one group. */
export class Group {
  readonly id: string;
  state: GroupState = 'Empty';
  generation = 0;
  leaderId = '';
  protocolType = '';
  protocolName = '';
  readonly members: Map<string, GroupMember> = new Map();
  readonly #staticIds = new Map<string, string>();
  readonly #pending = new Map<string, Timer>();
  #barrier: Timer | undefined;

  constructor(id: string) {
    this.id = id;
  }

  join(request: JoinGroupRequest, place: JoinPlace): Promise<JoinGroupResponse> | JoinGroupResponse {
    if (!this.#isCompatible(request)) return joinRefusal(request.memberId, Errors.INCONSISTENT_GROUP_PROTOCOL);
    if (request.memberId === '') return this.#joinNew(request, place);
    if (this.#pending.has(request.memberId)) return this.#admit(request.memberId, request, place);
    const problem = this.#claimProblem(request.memberId, request.groupInstanceId);
    if (problem) return joinRefusal(request.memberId, problem);
    const member = this.members.get(request.memberId);
    return member ? this.#rejoin(member, request) : joinRefusal(request.memberId, Errors.UNKNOWN_MEMBER_ID);
  }

  sync(request: SyncGroupRequest): Promise<SyncGroupResponse> | SyncGroupResponse {
    const problem = this.checkClaim(request) || this.#protocolProblem(request);
    if (problem) return syncRefusal(problem);
    const member = this.members.get(request.memberId);
    if (!member || this.state === 'Empty') return syncRefusal(Errors.UNKNOWN_MEMBER_ID);
    if (this.state === 'PreparingRebalance') return syncRefusal(Errors.REBALANCE_IN_PROGRESS);
    member.hasSynced = true;
    this.#touch(member);
    if (this.state === 'Stable') return this.#assignmentOf(member);
    const answer = new Promise<SyncGroupResponse>((resolve) => {
      member.syncWaiter = resolve;
    });
    if (member.id === this.leaderId) this.#distribute(request);
    return answer;
  }

  heartbeat(request: HeartbeatRequest): number {
    const problem = this.checkClaim(request);
    if (problem) return problem;
    const member = this.members.get(request.memberId);
    if (!member || this.state === 'Empty') return Errors.UNKNOWN_MEMBER_ID;
    this.#touch(member);
    return this.state === 'PreparingRebalance' ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
  }

  leave(memberId: string, instanceId: string | null): LeaveGroupResponse['members'][number] {
    const answer = { memberId, groupInstanceId: instanceId, errorCode: 0 };
    const pending = this.#pending.get(memberId);
    if (pending) {
      this.#forgetPending(memberId);
      this.#openBarrierIfAllJoined();
      return answer;
    }
    const id = memberId === '' && instanceId !== null ? (this.#staticIds.get(instanceId) ?? '') : memberId;
    const errorCode = this.#claimProblem(id, instanceId);
    const member = this.members.get(id);
    if (errorCode || !member) return { ...answer, errorCode: errorCode || Errors.UNKNOWN_MEMBER_ID };
    this.expel(member);
    return answer;
  }

  /** Error code of a member's request that carries a generation; 0 when it is in order. */
  checkClaim(claim: MemberClaim): number {
    const problem = this.#claimProblem(claim.memberId, claim.groupInstanceId);
    if (problem) return problem;
    return claim.generationId === this.generation ? Errors.NONE : Errors.ILLEGAL_GENERATION;
  }

  /** A commit proves that the member lives. */
  touchMember(memberId: string): void {
    const member = this.members.get(memberId);
    if (member) this.#touch(member);
  }

  /** Removes a member: it left, or its session is over. */
  expel(member: GroupMember): void {
    this.#remove(member);
    if (this.state === 'PreparingRebalance') this.#openBarrierIfAllJoined();
    else this.#prepareRebalance();
  }

  /** Stops all clocks; whoever waits for an answer is sent to look for the coordinator. */
  suspend(): void {
    this.stopClocks();
    for (const id of [...this.#pending.keys()]) this.#forgetPending(id);
    for (const member of this.members.values()) {
      member.answerJoin(joinRefusal(member.id, Errors.NOT_COORDINATOR));
      member.answerSync(syncRefusal(Errors.NOT_COORDINATOR));
    }
  }

  /** No session ends and no barrier opens by itself any more. */
  stopClocks(): void {
    clock.clearTimer(this.#barrier);
    for (const member of this.members.values()) member.stopTimer();
  }

  /** The broker is back: sessions begin anew, an unfinished rebalance begins again. */
  resume(): void {
    for (const member of this.members.values()) this.#touch(member);
    if (this.state === 'PreparingRebalance' || this.state === 'CompletingRebalance') this.#prepareRebalance();
  }

  #isCompatible(request: JoinGroupRequest): boolean {
    if (request.protocolType === '' || request.protocols.length === 0) return false;
    const others = [...this.members.values()].filter((member) => member.id !== request.memberId);
    if (others.length === 0) return true;
    return (
      request.protocolType === this.protocolType &&
      request.protocols.some(({ name }) => others.every((m) => m.protocols.some((offered) => offered.name === name)))
    );
  }

  #joinNew(request: JoinGroupRequest, place: JoinPlace): Promise<JoinGroupResponse> | JoinGroupResponse {
    const { groupInstanceId } = request;
    const id = `${groupInstanceId ?? place.clientId}-${randomUuid()}`;
    if (groupInstanceId !== null) {
      const member = this.members.get(this.#staticIds.get(groupInstanceId) ?? '');
      return member ? this.#replaceStatic(member, id, request, place) : this.#admit(id, request, place);
    }
    if (place.version < TWO_STEP_SINCE) return this.#admit(id, request, place);
    // KIP-394: the id is given first, so that a client that never hears of it leaves no dead member behind.
    const timer = clock.setTimer(() => {
      this.#forgetPending(id);
      this.#openBarrierIfAllJoined();
    }, request.sessionTimeoutMs);
    timer.unref();
    this.#pending.set(id, timer);
    return joinRefusal(id, Errors.MEMBER_ID_REQUIRED);
  }

  #admit(id: string, request: JoinGroupRequest, place: JoinPlace): Promise<JoinGroupResponse> {
    this.#forgetPending(id);
    const member = new GroupMember(id, place.clientId, request);
    if (this.members.size === 0) this.protocolType = request.protocolType;
    this.members.set(id, member);
    if (member.instanceId !== null) this.#staticIds.set(member.instanceId, id);
    return this.#awaitJoin(member);
  }

  /** KIP-345: a restarted static member takes its place again under a new id; the old id is fenced. */
  #replaceStatic(
    member: GroupMember,
    newId: string,
    request: JoinGroupRequest,
    place: JoinPlace,
  ): Promise<JoinGroupResponse> | JoinGroupResponse {
    const oldId = member.id;
    const wasLeader = this.leaderId === oldId;
    // It gets what it had, whatever topics it asks for now, as in Kafka.
    const keepsProtocol = request.protocols.some(({ name }) => name === this.protocolName);
    member.answerJoin(joinRefusal(oldId, Errors.FENCED_INSTANCE_ID));
    member.answerSync(syncRefusal(Errors.FENCED_INSTANCE_ID));
    this.members.delete(oldId);
    member.id = newId;
    member.update(request);
    this.members.set(newId, member);
    if (member.instanceId !== null) this.#staticIds.set(member.instanceId, newId);
    if (wasLeader) this.leaderId = newId;
    if (this.state !== 'Stable' || !keepsProtocol) return this.#awaitJoin(member);
    this.#touch(member);
    if (!wasLeader) return joinAnswer(this, member, false);
    // Before version 9 the leader cannot be told to skip the assignment: it is told that somebody else leads.
    if (place.version < SKIP_ASSIGNMENT_SINCE)
      return { ...joinAnswer(this, member, false), leader: oldId, members: [] };
    return joinAnswer(this, member, true);
  }

  #rejoin(member: GroupMember, request: JoinGroupRequest): Promise<JoinGroupResponse> | JoinGroupResponse {
    const offersSame = member.offersSame(request);
    const isLeader = member.id === this.leaderId;
    const isUnchanged = offersSame && (this.state === 'CompletingRebalance' || (this.state === 'Stable' && !isLeader));
    member.update(request);
    if (!isUnchanged) return this.#awaitJoin(member);
    this.#touch(member);
    return joinAnswer(this, member, false);
  }

  #awaitJoin(member: GroupMember): Promise<JoinGroupResponse> {
    const answer = new Promise<JoinGroupResponse>((resolve) => {
      member.joinWaiter = resolve;
    });
    this.#touch(member);
    if (this.state === 'PreparingRebalance') this.#openBarrierIfAllJoined();
    else this.#prepareRebalance();
    return answer;
  }

  #prepareRebalance(): void {
    for (const member of this.members.values()) {
      if (this.state === 'CompletingRebalance') member.assignment = Buffer.alloc(0);
      member.answerSync(syncRefusal(Errors.REBALANCE_IN_PROGRESS));
    }
    this.state = 'PreparingRebalance';
    const longest = Math.max(0, ...[...this.members.values()].map((member) => member.rebalanceTimeoutMs));
    this.#setBarrier(longest, () => this.#openBarrier());
    this.#openBarrierIfAllJoined();
  }

  #openBarrierIfAllJoined(): void {
    if (this.state !== 'PreparingRebalance' || this.#pending.size > 0) return;
    for (const member of this.members.values()) if (!member.joinWaiter) return;
    this.#openBarrier();
  }

  #openBarrier(): void {
    clock.clearTimer(this.#barrier);
    for (const member of [...this.members.values()]) {
      if (!member.joinWaiter && member.instanceId === null) this.#remove(member);
    }
    if (this.members.size === 0) {
      this.generation++;
      this.state = 'Empty';
      this.leaderId = '';
      this.protocolName = '';
      return;
    }
    this.#startGeneration();
  }

  #startGeneration(): void {
    const joined = [...this.members.values()].filter((member) => member.joinWaiter);
    if (joined.length === 0) {
      // Only silent static members are left: they are waited for until their sessions end.
      this.#setBarrier(SILENT_MEMBERS_RETRY_MS, () => this.#openBarrier());
      return;
    }
    this.generation++;
    if (!joined.some((member) => member.id === this.leaderId)) this.leaderId = joined[0]?.id ?? '';
    this.protocolName = this.#electProtocol();
    this.state = 'CompletingRebalance';
    const longest = Math.max(...joined.map((member) => member.rebalanceTimeoutMs));
    this.#setBarrier(longest, () => this.#expelUnsynced());
    for (const member of joined) {
      member.hasSynced = false;
      this.#touch(member);
      member.answerJoin(joinAnswer(this, member, false));
    }
  }

  /** Members that joined and never sent SyncGroup hold the others up no longer than a rebalance time-out. */
  #expelUnsynced(): void {
    if (this.state !== 'CompletingRebalance') return;
    for (const member of [...this.members.values()]) if (!member.hasSynced) this.#remove(member);
    this.#prepareRebalance();
  }

  /** Every member votes for the first of its protocols that all offer. */
  #electProtocol(): string {
    const members = [...this.members.values()];
    const isCommon = (name: string): boolean => members.every((m) => m.protocols.some((p) => p.name === name));
    const votes = new Map<string, number>();
    for (const member of members) {
      const vote = member.protocols.find(({ name }) => isCommon(name))?.name ?? '';
      votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
    return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
  }

  #distribute(request: SyncGroupRequest): void {
    clock.clearTimer(this.#barrier);
    const assignments = new Map(request.assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    this.state = 'Stable';
    for (const member of this.members.values()) {
      // Copied: the bytes are a view of the request's frame.
      member.assignment = Buffer.from(assignments.get(member.id) ?? []);
      this.#touch(member);
      member.answerSync(this.#assignmentOf(member));
    }
  }

  #assignmentOf(member: GroupMember): SyncGroupResponse {
    const { protocolType, protocolName } = this;
    return { throttleTimeMs: 0, errorCode: 0, protocolType, protocolName, assignment: member.assignment };
  }

  #protocolProblem(request: SyncGroupRequest): number {
    const differs = (theirs: string | null, ours: string): boolean =>
      theirs !== null && theirs !== '' && theirs !== ours;
    const isOther =
      differs(request.protocolType, this.protocolType) || differs(request.protocolName, this.protocolName);
    return isOther ? Errors.INCONSISTENT_GROUP_PROTOCOL : Errors.NONE;
  }

  #claimProblem(memberId: string, instanceId: string | null): number {
    if (instanceId !== null) {
      const holder = this.#staticIds.get(instanceId);
      if (holder === undefined) return Errors.UNKNOWN_MEMBER_ID;
      if (holder !== memberId) return Errors.FENCED_INSTANCE_ID;
    }
    return this.members.has(memberId) ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
  }

  #remove(member: GroupMember): void {
    member.stopTimer();
    this.members.delete(member.id);
    if (member.instanceId !== null) this.#staticIds.delete(member.instanceId);
    member.answerJoin(joinRefusal(member.id, Errors.UNKNOWN_MEMBER_ID));
    member.answerSync(syncRefusal(Errors.UNKNOWN_MEMBER_ID));
  }

  #touch(member: GroupMember): void {
    member.touch(() => this.expel(member));
  }

  #forgetPending(id: string): void {
    clock.clearTimer(this.#pending.get(id));
    this.#pending.delete(id);
  }

  #setBarrier(ms: number, then: () => void): void {
    clock.clearTimer(this.#barrier);
    this.#barrier = clock.setTimer(then, ms);
    this.#barrier.unref();
  }
}
