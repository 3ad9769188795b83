// Scenarios of hop's specification in which the broker, the reader or the user goes away.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, startHop } from './testing/terminal.ts';

const env = { HOME: '/nonexistent' };
let broker: TestBroker;
let url = '';

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t1: 1 } });
  url = `kafka://${broker.bootstrap}/t1`;
});
afterEach(() => broker.close());

/** Publishes from a pipe that stays open; resolves when the first lines are acknowledged. */
async function publishing(lines: string[]): Promise<ReturnType<typeof startHop> & { stdin: PassThrough }> {
  const stdin = new PassThrough();
  const running = startHop(['publish', '-q', '--no-auth', '--ack', url], { env, stdin });
  let seen = 0;
  const acknowledged = new Promise<void>((resolve) => {
    running.stdout.on('data', (chunk: Buffer) => {
      seen += String(chunk).split('\n').length - 1;
      if (seen === lines.length) resolve();
    });
  });
  stdin.write(lines.map((line) => `${line}\n`).join(''));
  await acknowledged;
  return { ...running, stdin };
}

const elapsed = async (running: Promise<Outcome>): Promise<Outcome & { ms: number }> => {
  const begun = Date.now();
  return { ...(await running), ms: Date.now() - begun };
};

describe('outages', () => {
  it('HOP-013: a subscriber outlives a restart of the broker, and ends at once when told', async () => {
    const running = startHop(['subscribe', '--no-auth', '-s', 'EARLIEST', url], { env });
    await running.saidOnStderr('processing');
    broker.append('t1', [{ value: 'before' }]);
    await once(running.stdout, 'data');
    await broker.stop();
    await broker.restart();
    broker.append('t1', [{ value: 'after' }]);
    await once(running.stdout, 'data');
    running.interrupt();
    const { code, out, err, ms } = await elapsed(running.ended);
    expect({ code, out }).toEqual({ code: 0, out: 'before\nafter\n' });
    expect(ms).toBeLessThan(1000);
    for (const line of err.trimEnd().split('\n')) {
      expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \| hop : [A-Z]+ : ./);
    }
  });

  it('HOP-014: an interrupted publisher tells what it could not deliver', async () => {
    const { stdin, interrupt, ended } = await publishing(['1', '2', '3']);
    await broker.stop();
    stdin.write('4\n5\n');
    await new Promise((resolve) => setImmediate(resolve));
    interrupt();
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toContain('Aborted (CTRL-C).');
    expect(err).toContain('line 4');
    expect(err).toContain('line 5');
  });

  it('HOP-034: what cannot be delivered in time is counted', async () => {
    const stdin = new PassThrough();
    const running = startHop(['publish', '--no-auth', '--timeout', '3', url], { env, stdin });
    await running.saidOnStderr('publishing');
    await broker.stop();
    stdin.end('lost\n');
    const { code, err, ms } = await elapsed(running.ended);
    expect({ code, err }).toEqual({ code: 4, err: expect.stringMatching(/^hop: 1 of 1 message/m) });
    expect(ms).toBeLessThan(5500);
  });

  it('HOP-015: a reader that goes away is no error, and its group repeats at most one message', async () => {
    broker.append(
      't1',
      Array.from({ length: 1000 }, (_, index) => ({ value: `message ${index}` })),
    );
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const args = [
      '--import',
      'tsx',
      '--conditions=hopwire-source',
      main,
      'subscribe',
      '-q',
      '--no-auth',
      '-e',
      '-s',
      'EARLIEST',
      '-g',
      'g',
      url,
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await once(child, 'exit');
    expect({ code, err }).toEqual({ code: 0, err: '' });
  }, 30_000);
});
