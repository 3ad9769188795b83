// Everything that is checked, in one place. The first violation ends the run.
import type { TopicPartition } from '@hopwire/client';
import type { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import { Calls } from './calls.ts';
import { GroupAccounts } from './groups.ts';
import { Histories } from './histories.ts';
import { Owners } from './owners.ts';
import { Rates } from './rates.ts';
import { ReaderTrack } from './readers.ts';
import { Sends } from './sends.ts';
import type { Violate, Violation } from './violation.ts';

export class Checker {
  readonly histories: Histories;
  readonly sends: Sends;
  readonly calls: Calls;
  readonly groups: GroupAccounts;
  readonly owners: Owners;
  readonly rates: Rates;
  violation: Violation | null = null;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;

  constructor(scheduler: Scheduler, trace: Trace) {
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.histories = new Histories(() => scheduler.now);
    this.sends = new Sends(this.histories, this.violate);
    this.calls = new Calls(scheduler, this.violate);
    this.groups = new GroupAccounts(this.histories, () => scheduler.now, this.violate);
    this.owners = new Owners(this.violate);
    this.rates = new Rates(() => scheduler.now, this.violate);
    this.histories.onWritten = (entry) => this.sends.written(entry);
  }

  reader(name: string): ReaderTrack {
    return new ReaderTrack(name, this.histories, this.violate);
  }

  /** Somebody was told that a log was cut below a position: or that was one of the topic's former life, as commits may be. */
  wasCut({ topic, partition }: TopicPartition, position: bigint | null, who: string): void {
    const all = this.histories.all(topic, partition);
    if (position === null || all.some(({ cuts, isDropped }) => isDropped || cuts.some((end) => end <= position)))
      return;
    this.violate('a cut log was cut', `${who} was told so of ${topic}[${partition}] at ${position}`);
  }

  readonly violate: Violate = (rule, text) => {
    if (this.violation) return;
    this.violation = { rule, text, atMs: this.#scheduler.now };
    this.#trace.say(`VIOLATION ${rule}: ${text}`);
    this.#scheduler.halt();
  };
}
