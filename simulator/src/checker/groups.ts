// What a group has done and committed, and what it still owes.
import type { StoredCommit } from '@hopwire/test-broker/src/embedded/stored.ts';
import type { Histories, History } from './histories.ts';
import { type SentCommit, SentCommits } from './sent-commits.ts';
import type { Violate } from './violation.ts';

/** So long after a topic was made anew a commit may still mean the old one. */
const YOUNG_MS = 10_000;

/** One partition's life as a group handles it. */
interface Account {
  readonly history: History;
  /** Where the group began: everything from here on is owed. */
  base: number;
  committed: number | null;
  /** When that was sent, among all; 0: not known. */
  order: number;
  readonly done: Set<number>;
  /** The user went back to here, or set this offset by hand, after the last commit. */
  allowedBack: number | null;
  /** What was done since then. */
  readonly doneSince: Set<number>;
  /** Ranges that were jumped over, by the user or with an event. */
  readonly skipped: [from: number, to: number][];
}

export class GroupAccounts {
  readonly #histories: Histories;
  readonly #now: () => number;
  readonly #violate: Violate;
  readonly sent: SentCommits;
  readonly #accounts = new Map<string, Account>();
  /** Groups that begin at the end of a log: until something is committed they may begin again further on. */
  readonly #lateGroups = new Set<string>();

  constructor(histories: Histories, now: () => number, violate: Violate) {
    this.#histories = histories;
    this.#now = now;
    this.#violate = violate;
    this.sent = new SentCommits({
      idOf: (topic, partition) => this.#living({ topic, partition })?.topicId,
      nameOf: (topicId) => histories.nameOf(topicId),
    });
  }

  /** The group begins at the end of each log. */
  beginsLate(group: string): void {
    this.#lateGroups.add(group);
  }

  /** A body is done with a record. */
  done(group: string, history: History, offset: number): void {
    const account = this.#account(group, history, offset);
    account.base = Math.min(account.base, offset);
    account.done.add(offset);
    account.doneSince.add(offset);
  }

  /** The user seeks, or commits an offset that he names. */
  userMoves(group: string, history: History, from: number, to: number): void {
    const account = this.#account(group, history, Math.min(from, to));
    account.allowedBack = Math.min(to, account.allowedBack ?? to);
    account.doneSince.clear();
    if (to > from) account.skipped.push([from, to]);
  }

  /** The client moved a position and said so. */
  clientMoves(topic: string, partition: number, to: number): void {
    for (const account of this.#accounts.values()) {
      const { history } = account;
      if (history.topic !== topic || history.partition !== partition) continue;
      account.allowedBack = Math.min(to, account.allowedBack ?? to);
    }
  }

  /** The broker stored an offset. */
  committed(commit: StoredCommit): void {
    const { groupId, offset } = commit;
    const history = this.#living(commit);
    if (!history) return;
    const sent = this.sent.take(commit);
    const to = Number(offset);
    const account = this.#account(groupId, history, to);
    const where = `${groupId} ${history.name}`;
    // By name, before the client could know that the topic was made anew: this is an offset of the old one.
    const isYoung = this.#now() - history.bornAtMs < YOUNG_MS;
    const isAhead = history.life > 0 && (to > history.end || (isYoung && this.#undoneBefore(account, to) !== null));
    if (isAhead || (sent && sent.topicId !== history.topicId)) {
      account.allowedBack = 0;
      // Whoever starts from it may miss what lies before: no client can tell, with names only.
      account.skipped.push([0, to]);
      return;
    }
    if (account.committed === null && this.#lateGroups.has(groupId)) account.base = to;
    else if (account.committed !== null && to < account.committed) this.#goesBack(where, account, commit, sent);
    else this.#checkDone(where, account, to);
    account.committed = to;
    account.order = sent?.order ?? 0;
  }

  /** Offsets that are owed and not done, by partition. */
  owed(group: string, history: History): number[] {
    const account = this.#accounts.get(keyOf(group, history));
    if (!account) return [];
    const owed: number[] = [];
    for (let offset = Math.max(account.base, history.start); offset < history.end; offset++) {
      if (!this.#isSettled(account, offset)) owed.push(offset);
    }
    return owed;
  }

  #goesBack(where: string, account: Account, commit: StoredCommit, sent: SentCommit | undefined): void {
    const { allowedBack, committed, history } = account;
    const to = Number(commit.offset);
    // One from before the user went back may still be under way: those that follow from where he went come behind it.
    if (to === allowedBack || account.doneSince.has(to - 1)) account.allowedBack = null;
    const wasCut = history.cuts.some((end) => end <= to);
    if (wasCut || (allowedBack !== null && to >= allowedBack)) return;
    const wasOvertaken = sent !== undefined && sent.order < account.order;
    if (wasOvertaken || this.#mayBeOfFormer(account, commit)) return;
    this.#violate('commits do not go back', `${where}: ${committed} was committed, now ${to}`);
  }

  #living({ topic, partition }: Pick<StoredCommit, 'topic' | 'partition'>): History | undefined {
    return this.#histories.all(topic, partition).find(({ isDropped }) => !isDropped);
  }

  /**
   * Commits go by name: what is there now may as well be of the topic's former life, where the same was done, or where
   * reading began. It came late, or whoever read it has begun anew because of that.
   */
  #mayBeOfFormer({ history, committed }: Account, { groupId }: StoredCommit): boolean {
    if (committed === null || this.#now() - history.bornAtMs > 2 * YOUNG_MS) return false;
    const lives = this.#histories.all(history.topic, history.partition).filter((life) => life !== history);
    return lives.some((life) => {
      const former = this.#accounts.get(keyOf(groupId, life));
      return former?.base === committed || former?.done.has(committed - 1);
    });
  }

  #checkDone(where: string, account: Account, to: number): void {
    const offset = this.#undoneBefore(account, to);
    if (offset === null) return;
    const id = account.history.entries[offset]?.id ?? 'which is not in the log';
    this.#violate('commits follow what was done', `${where}: ${to} is committed, but ${offset} (${id}) is not done`);
  }

  #undoneBefore(account: Account, to: number): number | null {
    const from = Math.max(account.committed ?? account.base, account.history.start);
    for (let offset = from; offset < to; offset++) if (!this.#isSettled(account, offset)) return offset;
    return null;
  }

  /** Done, gone, or left out by the user. */
  #isSettled(account: Account, offset: number): boolean {
    if (account.done.has(offset) || offset < account.history.start) return true;
    const lost = account.history.lost.some((entry) => entry.offset === offset);
    return lost || account.skipped.some(([from, to]) => offset >= from && offset < to);
  }

  #account(group: string, history: History, base: number): Account {
    const key = keyOf(group, history);
    const known = this.#accounts.get(key);
    if (known) return known;
    const begin = this.#lateGroups.has(group) ? base : 0;
    const account: Account = {
      history,
      base: begin,
      committed: null,
      order: 0,
      done: new Set(),
      allowedBack: null,
      doneSince: new Set(),
      skipped: [],
    };
    this.#accounts.set(key, account);
    return account;
  }
}

function keyOf(group: string, { topicId, partition }: History): string {
  return `${group} ${topicId}/${partition}`;
}
