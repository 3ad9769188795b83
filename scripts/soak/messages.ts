// What the two processes tell each other. Times are those of `clock.ts`, taken where the thing happened.

/** A record was acknowledged. `offset` is -1 when the broker did not say. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly at: number;
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A send was rejected. */
export interface Failed {
  readonly kind: 'failed';
  readonly at: number;
  readonly id: string;
  /** `no`: the client says that it is not in the log. */
  readonly outcome: 'no' | 'unknown';
  readonly reason: string;
}

/** A record was handed to a loop's body. */
export interface Read {
  readonly kind: 'read';
  readonly at: number;
  readonly reader: string;
  readonly member: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
}

/** A member's partitions changed: from here on it may begin again at what is committed. */
export interface Reassigned {
  readonly kind: 'reassigned';
  readonly at: number;
  readonly reader: string;
  readonly member: number;
  readonly phase: 'assigned' | 'revoked' | 'lost';
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

/** A loop ended although nobody had asked it to. */
export interface LoopEnded {
  readonly kind: 'loopEnded';
  readonly at: number;
  readonly reader: string;
  readonly member: number;
  readonly reason: string;
}

export interface AdminCall {
  readonly kind: 'admin';
  readonly at: number;
  readonly call: string;
  readonly ms: number;
  readonly error: string | null;
}

/** A client that was started while its only bootstrap port hung up; times of its first acknowledgement and record. */
export interface Newcomer {
  readonly kind: 'newcomer';
  readonly acknowledgedAt: number | null;
  readonly readAt: number | null;
  readonly error: string | null;
}

export interface Sample {
  readonly kind: 'sample';
  readonly at: number;
  readonly sockets: number;
  readonly timers: number;
  /** Everything that keeps the process alive, or could. */
  readonly handles: number;
  /** After a full collection. */
  readonly heapMb: number;
  readonly rssMb: number;
}

/** Nothing is sent any more, and every promise of a send has its answer; or not, after the deadline. */
export interface Quiet {
  readonly kind: 'quiet';
  readonly unsettled: number;
}

/** `close()` of the client has ended. */
export interface Closed {
  readonly kind: 'closed';
  readonly ms: number;
  readonly error: string | null;
  /** Names of resources that it left behind. */
  readonly left: readonly string[];
}

export type SoakEvent =
  | Acknowledged
  | Failed
  | Read
  | Reassigned
  | LoopEnded
  | AdminCall
  | Newcomer
  | Sample
  | Quiet
  | Closed;

/** To the client process. */
export type Order =
  | {
      readonly order: 'begin';
      readonly bootstrap: readonly string[];
      /** Module of the client: a package's name or a file's URL. */
      readonly client: string;
      /** Records a second, of all producers together. */
      readonly rate: number;
      /** Every consumer out of a client of its own, for clients that cannot do better. */
      readonly apart: boolean;
    }
  | { readonly order: 'newcomer'; readonly bootstrap: string; readonly name: string }
  | { readonly order: 'stopSending' }
  | { readonly order: 'close' };
