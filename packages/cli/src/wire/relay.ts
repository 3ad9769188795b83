// One client's connection and its own to the broker: frames go through one after the other, each direction as fast as
// the slower of its ends.
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Address, addressText, plainHost } from './address.ts';
import { Conversation, type Hidden, type Seen } from './conversation.ts';
import { FrameCutter, type Piece } from './frame-cutter.ts';
import { type Rewritten, rewriteAddresses } from './rewriting.ts';

/** What a proxy tells. Traffic waits until the promise of whoever listens is fulfilled. */
export type ProxyEvent =
  | { readonly kind: 'open'; readonly connection: number; readonly client: string; readonly broker: string }
  | { readonly kind: 'frame'; readonly connection: number; readonly seen: Seen; readonly rewritten: Rewritten | null }
  | {
      readonly kind: 'raw';
      readonly connection: number;
      readonly direction: Direction;
      readonly bytes: Buffer;
      readonly hides: Hidden;
    }
  | { readonly kind: 'closed'; readonly connection: number; readonly reason: string | null };

export type Direction = Seen['direction'];

export interface RelayOptions {
  readonly connection: number;
  readonly broker: Address;
  /** PEM of a further authority; null: plain TCP. */
  readonly tls: { readonly ca: string | undefined } | null;
  /**
   * The ports by which clients reach these brokers through us, or null when there are none for so many. Without this
   * answers are left as they are.
   */
  readonly portsFor: ((brokers: readonly Address[]) => Promise<readonly number[] | null>) | null;
  readonly onEvent: (event: ProxyEvent) => Promise<void>;
}

/** Relays until both sides are done. Never rejects for what sockets do. */
export class Relay {
  readonly #client: Socket;
  readonly #broker: Socket;
  readonly #options: RelayOptions;
  readonly #conversation = new Conversation();
  #reason: string | null = null;

  constructor(client: Socket, options: RelayOptions) {
    this.#client = client;
    this.#options = options;
    this.#broker = openBroker(options);
    for (const socket of [client, this.#broker]) {
      socket.setNoDelay(true);
      // Whoever reads or writes gets the error as well; without a listener it would end the process.
      socket.on('error', (error) => this.#fail(error));
    }
  }

  /** Cuts both connections. */
  destroy(): void {
    this.#client.destroy();
    this.#broker.destroy();
  }

  async run(): Promise<void> {
    const { connection, broker, onEvent, tls } = this.#options;
    const client = `${plainHost(this.#client.remoteAddress ?? 'unknown')}:${this.#client.remotePort ?? 0}`;
    try {
      await Promise.all([
        onEvent({ kind: 'open', connection, client, broker: addressText(broker) }),
        connected(this.#broker, tls ? 'secureConnect' : 'connect'),
      ]);
      await Promise.all([
        this.#pump(this.#client, this.#broker, 'request'),
        this.#pump(this.#broker, this.#client, 'response'),
      ]);
    } catch (error) {
      this.#fail(error);
    }
    this.destroy();
    await onEvent({ kind: 'closed', connection, reason: this.#reason });
  }

  /** The first reason counts: what follows follows from it. What follows from our own cut is none. */
  #fail(error: unknown): void {
    if (this.#client.destroyed && this.#broker.destroyed) return;
    this.#reason ??= error instanceof Error ? error.message : String(error);
    this.destroy();
  }

  async #pump(from: Socket, to: Socket, direction: Direction): Promise<void> {
    const cutter = new FrameCutter();
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      for (const piece of cutter.push(chunk)) await send(to, await this.#forwarded(piece, direction));
    }
    const rest = cutter.rest();
    if (rest.length > 0) await send(to, await this.#forwarded({ kind: 'raw', bytes: rest }, direction));
    to.end();
  }

  /** What goes on in place of a piece, once it was told. */
  async #forwarded({ kind, bytes }: Piece, direction: Direction): Promise<Buffer> {
    const { connection, onEvent } = this.#options;
    if (kind === 'raw') {
      await onEvent({ kind: 'raw', connection, direction, bytes, hides: this.#conversation.hides });
      return bytes;
    }
    const seen = this.#conversation[direction](bytes, performance.timeOrigin + performance.now());
    const rewritten = direction === 'response' ? await this.#rewritten(seen) : null;
    await onEvent({ kind: 'frame', connection, seen, rewritten });
    return rewritten?.bytes ?? bytes;
  }

  async #rewritten(seen: Seen): Promise<Rewritten | null> {
    const { portsFor } = this.#options;
    if (!portsFor) return null;
    // The address by which this client has reached us is one by which it will reach us again.
    const host = plainHost(this.#client.localAddress ?? '127.0.0.1');
    return rewriteAddresses(seen, async (brokers) => {
      const ports = await portsFor(brokers);
      return ports?.map((port) => ({ host, port })) ?? null;
    });
  }
}

function openBroker({ broker: { host, port }, tls }: RelayOptions): Socket {
  if (!tls) return connect({ host, port, allowHalfOpen: true });
  const servername = isIP(host) ? {} : { servername: host };
  // `tls.connect` takes allowHalfOpen too, but its types do not know.
  const options = { host, port, ...servername, ...(tls.ca === undefined ? {} : { ca: tls.ca }), allowHalfOpen: true };
  return connectTls(options);
}

/** Rejects when it is cut before; the reason was an error of the socket, if there was one. */
function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = (): void => reject(new Error('cut before it was connected'));
    socket.once('close', cut);
    socket.once(event, () => {
      socket.off('close', cut);
      resolve();
    });
  });
}

/** Resolves when there is room again, so that a slow reader slows whoever writes to it. */
async function send(to: Socket, bytes: Buffer): Promise<void> {
  if (to.destroyed || to.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      to.off('drain', done).off('close', done);
      resolve();
    };
    to.once('drain', done).once('close', done);
  });
}
