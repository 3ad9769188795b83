// For tests: a broker whose whole traffic is kept and can be checked.
import { expect } from 'vitest';
import type { Exchange } from '../exchange.ts';
import type { TestBrokerOptions } from '../options.ts';
import { TestBroker } from '../test-broker.ts';
import { isChanged, type WrittenAgain, writtenAgain } from './written-again.ts';

/** `await using recording = await Recording.start()` */
export class Recording implements AsyncDisposable {
  readonly broker: TestBroker;
  readonly exchanges: readonly Exchange[];

  private constructor(broker: TestBroker, exchanges: readonly Exchange[]) {
    this.broker = broker;
    this.exchanges = exchanges;
  }

  static async start(options: TestBrokerOptions = {}): Promise<Recording> {
    const exchanges: Exchange[] = [];
    const onExchange = (exchange: Exchange): void => void exchanges.push(exchange);
    return new Recording(await TestBroker.start({ ...options, onExchange }), exchanges);
  }

  /** Names and versions of what was asked, each once, in the order of their first request: `Metadata v12`. */
  get asked(): string[] {
    return [...new Set(this.#frames().map(({ what }) => what.replace(/ re\w+$/, '')))];
  }

  /**
   * All frames so far give the same bytes again, and the broker found nothing to complain about.
   *
   * @param tolerated frames that no writer gives as they came, for a reason
   */
  expectWrittenAgain(tolerated: (frame: WrittenAgain) => boolean = () => false): void {
    expect(this.broker.problems).toEqual([]);
    expect(this.exchanges.length).toBeGreaterThan(0);
    const changed = this.#frames().filter((frame) => isChanged(frame) && !tolerated(frame));
    expect(
      changed.map(({ what, bytes, again }) => ({
        what,
        bytes: bytes.toString('hex'),
        again: Buffer.isBuffer(again) ? again.toString('hex') : again.message,
      })),
    ).toEqual([]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.broker.close();
  }

  #frames(): WrittenAgain[] {
    return this.exchanges.flatMap(writtenAgain);
  }
}
