// Ports for brokers that are stopped and started again. They lie below the range out of which the kernel gives ports to
// connections: while the broker is down, a client's own socket could otherwise take its port, or connect to itself.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { TargetError } from './target.ts';

const FIRST = 20_000;
const LAST = 32_000;
const MOST_TRIES = 200;
const HOST = '127.0.0.1';

/** So many ports that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries === MOST_TRIES + count) throw new TargetError(`no ${count} free ports between ${FIRST} and ${LAST}`);
    const port = randomInt(FIRST, LAST);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
