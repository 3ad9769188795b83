// What the examples promise, as tests for one broker.
import { createClient } from '@hopwire/client';
import type { Target } from '@hopwire/test-broker/harness';
import { expect, it, vi } from 'vitest';
import type { Ending } from './program.ts';
import { type Answer, controlOf, type Language, Shop } from './shop.ts';

const LANGUAGES: readonly Language[] = ['javascript', 'typescript'];
/** The five seconds of the web service, and what a busy machine adds. */
const ANSWERED_MS = 6_000;
const RECOVERED_MS = 3_000;
const GRACE_MS = 5_000;
const CALLERS = 20;
const EACH_MS = 60_000;

const order = (id: string): string => JSON.stringify({ id });
const stored = ({ status, durationMs }: Answer): boolean => status === 201 && durationMs < RECOVERED_MS;
const notStored = ({ status, durationMs }: Answer): boolean => status === 503 && durationMs < ANSWERED_MS;
const inTime = ({ code, durationMs }: Ending): boolean => code === 0 && durationMs < GRACE_MS;

/** Log lines that say that there is no connection. */
const warningsOf = (output: string): string[] => output.split('\n').filter((line) => line.includes('no connection to'));
const isShort = ({ length }: string[]): boolean => length >= 1 && length <= 3;

/** Declares the tests; `start` gives a broker for each of them. */
export function testsOfADay(start: () => Promise<Target>): void {
  it.each(LANGUAGES)(
    'Kafka is down at the start, comes, goes and comes back, in %s',
    { timeout: EACH_MS },
    async (language) => {
      await using target = await start();
      await using shop = await Shop.open(language, target);
      const control = controlOf(target);
      await control.stop();
      const { program: web, order: send } = await shop.webService();
      const worker = shop.worker();
      expect(await send(order('early'))).toSatisfy(notStored);
      // Whoever looks into the log finds the reason in it, and not a thousand times.
      for (const { output } of [web, worker]) expect(warningsOf(output)).toSatisfy(isShort);
      await control.start();
      expect(await send(order('first'))).toSatisfy(stored);
      await vi.waitFor(async () => expect(await shop.handled()).toContain('first'), RECOVERED_MS);
      await control.kill();
      expect(await send(order('lost'))).toSatisfy(
        ({ status, durationMs }: Answer) => status >= 503 && durationMs < ANSWERED_MS,
      );
      expect(await send(order('during'))).toSatisfy(notStored);
      await control.start();
      expect(await send(order('last'))).toSatisfy(stored);
      await vi.waitFor(async () => expect(await shop.handled()).toContain('last'), RECOVERED_MS);
      for (const { output } of [web, worker]) expect(output).toContain(': this is over, after');
      const handled = await shop.handled();
      expect(handled).not.toContain('early');
      expect(handled).not.toContain('during');
    },
  );

  it.each(LANGUAGES)(
    'SIGTERM under load loses nothing and repeats nothing, in %s',
    { timeout: EACH_MS },
    async (language) => {
      await using target = await start();
      await using shop = await Shop.open(language, target);
      const { program: web, order: send } = await shop.webService();
      const first = shop.worker();
      const accepted: string[] = [];
      const call = async (caller: number): Promise<Answer> => {
        for (let i = 0; ; i++) {
          const answer = await send(order(`${caller}-${i}`));
          if (answer.status !== 201) return answer;
          accepted.push(`${caller}-${i}`);
        }
      };
      const callers = Array.from({ length: CALLERS }, (_, caller) => call(caller));
      await vi.waitFor(async () => expect((await shop.handled()).length).toBeGreaterThan(CALLERS), EACH_MS);
      expect(await first.terminate()).toSatisfy(inTime);
      const second = shop.worker();
      const before = (await shop.handled()).length;
      await vi.waitFor(async () => expect((await shop.handled()).length).toBeGreaterThan(before + CALLERS), EACH_MS);
      expect(await web.terminate()).toSatisfy(inTime);
      // No caller got anything but 201 until the service was gone.
      expect((await Promise.all(callers)).map(({ status }) => status)).toEqual(callers.map(() => 0));
      await vi.waitFor(async () => expect(await shop.handled()).toEqual(expect.arrayContaining(accepted)), EACH_MS);
      expect(await second.terminate()).toSatisfy(inTime);
      const handled = await shop.handled();
      expect(new Set(handled).size).toBe(handled.length);
      for (const { output } of [first, second]) expect(output).not.toContain('handled before');
    },
  );
  it.each(LANGUAGES)('what is no order stops nobody, in %s', { timeout: EACH_MS }, async (language) => {
    await using target = await start();
    await using shop = await Shop.open(language, target);
    const { order: send } = await shop.webService();
    expect(await send('[]')).toMatchObject({ status: 400 });
    await using kafka = createClient({ brokers: target.bootstrap() });
    await using producer = kafka.producer();
    await producer.send({ topic: 'orders', key: 'odd', value: 'not JSON' });
    const worker = shop.worker();
    await send(order('odd'));
    await vi.waitFor(async () => expect(await shop.handled()).toEqual(['odd']), EACH_MS);
    expect(await worker.terminate()).toSatisfy(inTime);
    await using consumer = kafka.consumer({ topics: ['orders.rejected'], startAt: 'earliest', limit: 1 });
    for await (const record of consumer) expect(record.text()).toBe('not JSON');
  });
}
