// Each rule can be broken: what a client must not do is made up here, and what it may do beside it.
import { BatchBuilder } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../scheduler.ts';
import { Trace } from '../trace.ts';
import { Checker } from './checker.ts';
import type { History } from './histories.ts';

const TOPIC = 'orders';
const PLACE = { topic: TOPIC, partition: 0 };

class Made {
  readonly scheduler: Scheduler = new Scheduler({ mostEvents: 10_000 });
  readonly checker: Checker = new Checker(this.scheduler, new Trace(() => this.scheduler.now, 10));
  #topicId = 'id-0';

  constructor() {
    this.checker.sends.producer('p', { isIdempotent: true });
    this.checker.sends.producer('q', { isIdempotent: false });
  }

  /** The rule that was broken first. */
  get rule(): string | undefined {
    return this.checker.violation?.rule;
  }

  get history(): History {
    return this.checker.histories.of(TOPIC, this.#topicId, 0);
  }

  /** Records that were sent come to the log, each in a batch of its own. */
  write(...ids: string[]): this {
    for (const id of ids) this.checker.sends.sent(id, TOPIC);
    return this.store(...ids);
  }

  store(...ids: string[]): this {
    for (const id of ids) {
      const builder = new BatchBuilder();
      builder.append(0, null, `${id} `);
      const baseOffset = BigInt(this.history.end);
      this.checker.histories.append({ ...PLACE, topicId: this.#topicId, baseOffset, batch: builder.seal() });
    }
    return this;
  }

  madeAnew(): this {
    this.checker.histories.dropped(TOPIC);
    this.#topicId = 'id-1';
    return this;
  }

  commit(offset: number): this {
    this.checker.groups.committed({ groupId: 'g', ...PLACE, offset: BigInt(offset) });
    return this;
  }

  done(...offsets: number[]): this {
    for (const offset of offsets) this.checker.groups.done('g', this.history, offset);
    return this;
  }
}

describe('what producers are told', () => {
  it('acknowledged is written, where it was said to be', () => {
    const made = new Made();
    const sent = made.checker.sends.sent('p:0', TOPIC);
    made.store('p:0');
    made.checker.sends.delivered(sent, 0, 0);
    made.checker.sends.delivered(sent, 0, -1);
    expect(made.rule).toBeUndefined();
    made.checker.sends.delivered(sent, 0, 1);
    expect(made.rule).toBe('acknowledged is written');
  });

  it('not written is not written: neither before nor after', () => {
    const before = new Made();
    const sent = before.checker.sends.sent('p:0', TOPIC);
    before.store('p:0').checker.sends.notWritten(sent, 'why');
    expect(before.rule).toBe('not written is not written');
    const after = new Made();
    after.checker.sends.notWritten(after.checker.sends.sent('p:0', TOPIC), 'why');
    expect(after.rule).toBeUndefined();
    expect(after.store('p:0').rule).toBe('not written is not written');
  });

  it('only what was sent is written', () => {
    expect(new Made().store('p:0').rule).toBe('only what was sent is written');
  });

  it('an idempotent producer writes once, and another one may write twice', () => {
    expect(new Made().write('p:0').store('p:0').rule).toBe('once');
    expect(new Made().write('q:0').store('q:0').rule).toBeUndefined();
  });

  it('an idempotent producer writes in order, gaps allowed', () => {
    expect(new Made().write('p:0', 'p:2').rule).toBeUndefined();
    expect(new Made().write('p:2', 'p:0').rule).toBe('in order');
    expect(new Made().write('q:2', 'q:0').rule).toBeUndefined();
  });

  it('what was cut away may be written again', () => {
    const made = new Made().write('p:0', 'p:1');
    made.checker.histories.cut(made.history, 1);
    made.checker.sends.cut(made.checker.histories);
    expect(made.store('p:1').rule).toBeUndefined();
  });

  it('what retention has deleted may be written again after a cut, and not without one', () => {
    const deleted = (): Made => {
      const made = new Made().write('p:0', 'p:1');
      made.checker.histories.deleted(made.history, 1);
      return made;
    };
    expect(deleted().store('p:0').rule).toBe('once');
    const cut = deleted();
    cut.checker.histories.cut(cut.history, 1);
    cut.checker.sends.cut(cut.checker.histories);
    expect(cut.store('p:0').rule).toBeUndefined();
  });

  it('what was cut away may come behind what was sent later, and nothing else may', () => {
    const cut = (): Made => {
      const made = new Made().write('p:1');
      made.checker.histories.cut(made.history, 0);
      made.checker.sends.cut(made.checker.histories);
      return made.write('p:2');
    };
    expect(cut().store('p:1').rule).toBeUndefined();
    expect(cut().write('p:0').rule).toBe('in order');
  });
});

describe('what readers are given', () => {
  const read = (made: Made, ...records: [offset: number, id: string][]): string | undefined => {
    const track = made.checker.reader('r');
    for (const [offset, id] of records) track.got(PLACE, offset, id);
    return made.rule;
  };

  it('the log without gap or repeat', () => {
    const three = (): Made => new Made().write('p:0', 'p:1', 'p:2');
    expect(read(three(), [0, 'p:0'], [1, 'p:1'], [2, 'p:2'])).toBeUndefined();
    expect(read(three(), [0, 'p:0'], [2, 'p:2'])).toBe('the log in order');
    expect(read(three(), [0, 'p:0'], [0, 'p:0'])).toBe('the log in order');
  });

  it('what is written there', () => {
    expect(read(new Made().write('p:0', 'p:1'), [0, 'p:1'])).toBe('the log in order');
  });

  it('not again what was in hand when its partition went and came back', () => {
    const made = new Made().write('p:0', 'p:1');
    const track = made.checker.reader('r');
    track.got(PLACE, 0, 'p:0');
    track.begin(PLACE, null);
    track.letGo(PLACE, 0);
    track.got(PLACE, 1, 'p:1');
    expect(made.rule).toBeUndefined();
  });

  it('a jump only where an event said so', () => {
    const made = new Made().write('p:0', 'p:1', 'p:2');
    const track = made.checker.reader('r');
    track.got(PLACE, 0, 'p:0');
    track.jumped(PLACE, { from: 1, to: 2 });
    track.got(PLACE, 2, 'p:2');
    expect(made.rule).toBeUndefined();
  });

  it('not a topic that was made anew, as if it were the old one', () => {
    const made = new Made().write('p:0', 'p:1');
    const track = made.checker.reader('r');
    track.got(PLACE, 0, 'p:0');
    made.madeAnew().write('p:2', 'p:3');
    track.got(PLACE, 1, 'p:3');
    expect(made.rule).toBe('the log in order');
  });

  it('a topic that was made anew, at the offset where the old one was left, when events said so', () => {
    const made = new Made().write('p:0', 'p:1');
    const track = made.checker.reader('r');
    track.got(PLACE, 0, 'p:0');
    made.madeAnew().write('p:2', 'p:3');
    track.jumped(PLACE, { from: 1, to: 0 });
    track.jumped(PLACE, { from: 0, to: 1 });
    track.got(PLACE, 1, 'p:3');
    expect(made.rule).toBeUndefined();
  });

  it('an event of its own also where other readers of its client have had many since', () => {
    const made = new Made().write('p:0', 'p:1');
    const track = made.checker.reader('r');
    track.got(PLACE, 0, 'p:0');
    track.got(PLACE, 1, 'p:1');
    track.jumped(PLACE, { from: 2, to: 0 });
    for (let others = 0; others < 40; others++) track.jumped(PLACE, { from: 0, to: 0 });
    made.madeAnew().write('p:2');
    track.got(PLACE, 0, 'p:2');
    expect(made.rule).toBeUndefined();
  });

  it('not what took the place of what was cut away, unless it was said', () => {
    const made = new Made().write('p:0', 'p:1');
    const track = made.checker.reader('r');
    track.got(PLACE, 0, 'p:0');
    track.got(PLACE, 1, 'p:1');
    made.checker.histories.cut(made.history, 1);
    made.checker.sends.cut(made.checker.histories);
    made.write('p:2', 'p:3');
    track.got(PLACE, 2, 'p:3');
    expect(made.rule).toBe('the log in order');
  });

  it('what was read before a cut, also when the same was written in its place', () => {
    const made = new Made().write('p:0', 'p:1');
    const track = made.checker.reader('r');
    track.got(PLACE, 0, 'p:0');
    made.checker.histories.cut(made.history, 0);
    made.checker.sends.cut(made.checker.histories);
    made.store('p:0', 'p:1');
    track.got(PLACE, 1, 'p:1');
    expect(made.rule).toBeUndefined();
  });
});

describe('a log of which a reader is told that it was cut', () => {
  it('was cut, at or below the position', () => {
    const made = new Made().write('p:0', 'p:1', 'p:2');
    made.checker.wasCut(PLACE, 3n, 'r');
    expect(made.rule).toBe('a cut log was cut');
    const cut = new Made().write('p:0', 'p:1', 'p:2');
    cut.history.cuts.push(2);
    cut.checker.wasCut(PLACE, 3n, 'r');
    expect(cut.rule).toBeUndefined();
    cut.checker.wasCut(PLACE, 1n, 'r');
    expect(cut.rule).toBe('a cut log was cut');
  });
});

describe('what a group commits', () => {
  it('only what is done', () => {
    const three = (): Made => new Made().write('p:0', 'p:1', 'p:2');
    expect(three().done(0, 1).commit(2).rule).toBeUndefined();
    expect(three().done(1).commit(2).rule).toBe('commits follow what was done');
  });

  it('never less than before, unless a user or an event moved it', () => {
    const two = (): Made => new Made().write('p:0', 'p:1').done(0, 1).commit(2);
    expect(two().commit(1).rule).toBe('commits do not go back');
    const moved = two();
    moved.checker.groups.clientMoves(TOPIC, 0, 1);
    expect(moved.commit(1).rule).toBeUndefined();
  });

  it('less than before also when an older one comes between that and where the user went', () => {
    const made = new Made().write('p:0', 'p:1', 'p:2', 'p:3').done(0, 1, 2, 3).commit(4);
    made.checker.groups.userMoves('g', made.history, 4, 0);
    made.done(0).commit(3);
    expect(made.done(1).commit(2).rule).toBeUndefined();
    expect(made.commit(1).rule).toBe('commits do not go back');
  });

  it('less than before only where it was sent before that', () => {
    const made = new Made().write('p:0', 'p:1').done(0, 1);
    for (const offset of [1n, 2n, 1n]) made.checker.groups.sent.sent({ groupId: 'g', ...PLACE, offset });
    expect(made.commit(2).commit(1).rule).toBeUndefined();
    made.checker.groups.sent.sent({ groupId: 'g', ...PLACE, offset: 2n });
    expect(made.commit(2).commit(1).rule).toBeUndefined();
    made.checker.groups.sent.sent({ groupId: 'g', ...PLACE, offset: 2n });
    made.checker.groups.sent.sent({ groupId: 'g', ...PLACE, offset: 1n });
    expect(made.commit(2).commit(1).rule).toBe('commits do not go back');
  });

  it('anew where what is there may be of the former topic', () => {
    const anew = (...doneBefore: number[]): Made => {
      const made = new Made().write('p:0', 'p:1').done(...doneBefore);
      return made.madeAnew().write('p:2', 'p:3').done(0, 1).commit(2);
    };
    expect(anew(0, 1).commit(1).rule).toBeUndefined();
    expect(anew(0).commit(1).rule).toBe('commits do not go back');
  });

  it('owes what is not done', () => {
    const made = new Made().write('p:0', 'p:1', 'p:2').done(0);
    expect(made.checker.groups.owed('g', made.history)).toEqual([1, 2]);
    made.checker.groups.userMoves('g', made.history, 1, 2);
    expect(made.checker.groups.owed('g', made.history)).toEqual([2]);
  });

  it('one owner at a time, until the other was told to stop', () => {
    const enter = (made: Made, owner: string, signal: AbortSignal): (() => void) =>
      made.checker.owners.enter('g', TOPIC, 0, { owner, offset: 0, sinceMs: 1, signal });
    const never = new AbortController().signal;
    const both = new Made();
    enter(both, 'a', never);
    enter(both, 'b', never);
    expect(both.rule).toBe('one owner');
    const told = new Made();
    enter(told, 'a', AbortSignal.abort());
    enter(told, 'b', never)();
    enter(told, 'c', never);
    expect(told.rule).toBeUndefined();
    const stopped = new Made();
    enter(stopped, 'a', never);
    stopped.checker.owners.stopped(2);
    enter(stopped, 'b', never);
    expect(stopped.rule).toBeUndefined();
  });
});

describe('what a client asks, and how it ends', () => {
  it('no storm of requests', () => {
    const made = new Made();
    for (let i = 0; i < 299; i++) made.checker.rates.request('Metadata', 'client', 1);
    expect(made.rule).toBeUndefined();
    made.checker.rates.request('Metadata', 'client', 1);
    expect(made.rule).toBe('no storm');
  });

  it('a call settles by its deadline', async () => {
    const made = new Made();
    void made.checker.calls.watch('prompt', { withinMs: 10 }, () => made.scheduler.sleep(10));
    void made.checker.calls.watch('late', { withinMs: 10 }, () => made.scheduler.sleep(500));
    await made.scheduler.run();
    expect(made.rule).toBe('settles by its deadline');
    expect(made.checker.violation?.text).toContain('late');
  });

  it('a process that was stopped has the time that it lost', async () => {
    const made = new Made();
    void made.checker.calls.watch('stopped', { withinMs: 10 }, () => made.scheduler.sleep(10, 'client'));
    made.scheduler.stop('client', 1_000);
    await made.scheduler.run();
    expect(made.rule).toBeUndefined();
  });

  it('leaves no listener on the signal of its caller', async () => {
    const made = new Made();
    const { signal } = new AbortController();
    const listening = async (): Promise<void> => signal.addEventListener('abort', () => undefined);
    await made.checker.calls.watch('listens', { withinMs: 10, signal }, listening);
    await made.scheduler.run();
    expect(made.rule).toBe('leaves no listener');
  });

  it('the first rule that is broken counts, and ends the run', async () => {
    const made = new Made();
    made.checker.violate('first', 'a');
    made.checker.violate('second', 'b');
    expect(made.rule).toBe('first');
    expect(await made.scheduler.run()).toBe('done');
  });
});
