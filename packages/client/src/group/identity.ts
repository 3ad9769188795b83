// In whose name a member asks the coordinator.

/** Generation -1 and an empty id: nobody's (manual assignment). */
export interface MemberIdentity {
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** In no generation now: nothing can be committed in its name. */
  readonly isOut?: true;
}

export const NO_MEMBER: MemberIdentity = { generationId: -1, memberId: '', groupInstanceId: null };
