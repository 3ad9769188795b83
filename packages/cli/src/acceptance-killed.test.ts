// A subscriber that is killed, on the embedded broker: what it had not printed is there for the next one of its group.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TestBroker } from '@hopwire/test-broker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hop } from './testing/terminal.ts';

const env = { HOME: '/nonexistent' };
let broker: TestBroker;
let url = '';

beforeAll(async () => {
  broker = await TestBroker.start({ topics: { t1: 1 } });
  url = `kafka://${broker.bootstrap}/t1`;
});
afterAll(() => broker.close());

describe('a killed subscriber', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));

  /** Prints messages of a group until it has printed so many, then dies without a word. */
  async function killedAfter(count: number): Promise<string[]> {
    const args = ['--import', 'tsx', '--conditions=hopwire-source', main];
    const child = spawn(
      process.execPath,
      [...args, 'subscribe', '-q', '--no-auth', '-s', 'EARLIEST', '-g', 'g65', url],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === count) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    return lines;
  }

  it('HOP-065: loses nothing it had not printed', async () => {
    const all = Array.from({ length: 10 }, (_, index) => String(index + 1));
    await hop(['publish', '-q', '--no-auth', url], { env, stdin: `${all.join('\n')}\n` });
    expect(await killedAfter(5)).toEqual(all.slice(0, 5));
    const { out } = await hop(['subscribe', '-q', '--no-auth', '-e', '-s', 'EARLIEST', '-g', 'g65', url], { env });
    expect(out.trimEnd().split('\n').slice(-5)).toEqual(all.slice(5));
  }, 60_000);
});
