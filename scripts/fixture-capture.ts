// Records what a client and a broker say to each other: a proxy between them, and of each API, version and direction one
// frame that is small and yet says something.
import { homedir, hostname, networkInterfaces, tmpdir, userInfo } from 'node:os';
import { type Seen, WireProxy } from '@hopwire/cli/wire-proxy';

/** A frame for a golden file. */
export interface CapturedFrame {
  readonly api: string;
  readonly key: number;
  readonly version: number;
  readonly direction: Seen['direction'];
  /** Its size included. */
  readonly bytes: Buffer;
}

const WELCOME_BYTES = 800;
const MOST_BYTES = 4096;

/** Lets `talk` happen through a proxy in front of this broker. */
export async function capture(bootstrap: string, talk: (address: string) => Promise<void>): Promise<CapturedFrame[]> {
  const frames = new Map<string, Seen>();
  const [host = '', port = ''] = bootstrap.split(':');
  await using proxy = await WireProxy.start({
    broker: { host, port: Number(port) },
    listen: { host: '127.0.0.1', port: 0 },
    tls: null,
    rewrites: true,
    onListening: () => {},
    onEvent: async (event) => {
      if (event.kind === 'frame') consider(frames, event.seen);
    },
  });
  const address = await proxy.address();
  await talk(`127.0.0.1:${address.port}`);
  return [...frames.values()].flatMap(captured).sort(inOrder);
}

function consider(frames: Map<string, Seen>, seen: Seen): void {
  const { api, version, direction, bytes, problem } = seen;
  if (!api || version < 0 || bytes.length > MOST_BYTES) return;
  const what = `${api.name} v${version} ${direction}`;
  if (problem !== null) console.warn(`  ${what} cannot be decoded: ${problem}`);
  const leak = leakIn(bytes);
  if (leak) return console.warn(`  ${what} is left out: ${leak} is in it`);
  const known = frames.get(what);
  if (!known || isBetter(seen, known)) frames.set(what, seen);
}

/** What could not be decoded has to be in; then the larger one, as long as it is not long. */
function isBetter(seen: Seen, known: Seen): boolean {
  if ((seen.problem === null) !== (known.problem === null)) return seen.problem !== null;
  const [size, knownSize] = [seen.bytes.length, known.bytes.length];
  if (size > WELCOME_BYTES || knownSize > WELCOME_BYTES) return size < knownSize;
  return size > knownSize;
}

function captured({ api, version, direction, bytes }: Seen): CapturedFrame[] {
  return api ? [{ api: api.name, key: api.key, version, direction, bytes: Buffer.from(bytes) }] : [];
}

function inOrder(a: CapturedFrame, b: CapturedFrame): number {
  return a.key - b.key || a.version - b.version || a.direction.localeCompare(b.direction);
}

/** Names that belong to this machine and to no fixture. */
function secretsOfThisMachine(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one && !one.internal ? [one.address] : []));
  const { username } = userInfo();
  const names = [hostname(), homedir(), process.cwd(), tmpdir(), ...addresses];
  // As a word of its own `root` is in many messages, and nobody's name.
  return [...names, ...(username === 'root' ? [] : [username])].filter((name) => name.length > 2);
}

const secrets = secretsOfThisMachine();

function leakIn(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  return secrets.some((secret) => text.includes(secret)) ? 'a name or path of this machine' : undefined;
}
