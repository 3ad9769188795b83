// Two sockets and the two directions between them, and the ways in which that ends.
import type { Trace } from '../trace.ts';
import { frameText } from './frame-text.ts';
import { Pipe, type PipeContext } from './pipe.ts';
import { SimSocket, systemError } from './sim-socket.ts';

export class Connection {
  readonly number: number;
  readonly port: number;
  readonly client: SimSocket = new SimSocket();
  readonly server: SimSocket = new SimSocket();
  readonly #context: PipeContext;
  readonly #trace: Trace;
  readonly #up: Pipe;
  readonly #down: Pipe;
  /** API and version of each request that is under way, for a reader of the trace. */
  readonly #asked = new Map<number, string>();

  /** @param sent sees what the client writes */
  constructor(number: number, context: PipeContext, trace: Trace, sent: (bytes: Buffer) => void) {
    this.number = number;
    this.port = context.link.port;
    this.#context = context;
    this.#trace = trace;
    // A node that has not accepted yet does not hear of a reset; whoever dials does.
    this.server.on('error', () => undefined);
    this.#up = new Pipe(context, 'cluster', this.server);
    this.#down = new Pipe(context, 'client', this.client);
    this.client.connect(this.#up, this.#down, {
      wrote: (bytes) => {
        sent(bytes);
        this.#traced('>', bytes);
      },
      closed: () => this.#endClosed(this.server, this.#up, 'client'),
    });
    this.server.connect(this.#down, this.#up, {
      wrote: (bytes) => this.#traced('<', bytes),
      closed: () => this.#endClosed(this.client, this.#down, 'node'),
    });
  }

  get isOpen(): boolean {
    return !this.client.destroyed;
  }

  /** A router between the two says reset. What was under way is lost. */
  reset(): void {
    this.#say('reset');
    this.#drop();
    this.#end(this.client, 'client', () => this.client.destroy(systemError('ECONNRESET', 'read')));
    this.#end(this.server, 'cluster', () => this.server.destroy(systemError('ECONNRESET', 'read')));
  }

  /** Both hear an orderly end, wherever in a frame they are. */
  finish(): void {
    this.#say('orderly end');
    this.#drop();
    this.#end(this.client, 'client', () => this.client.push(null));
    this.#end(this.server, 'cluster', () => this.server.push(null));
  }

  /** Bytes vanish from now on; nobody hears of it. */
  vanish(direction: 'both' | 'up' | 'down'): void {
    this.#say(`bytes vanish (${direction})`);
    if (direction !== 'down') this.#up.isDead = true;
    if (direction !== 'up') this.#down.isDead = true;
  }

  /** The node's process runs again. */
  thaw(): void {
    this.#up.resume();
    this.#down.resume();
  }

  #drop(): void {
    this.#up.isDead = true;
    this.#down.isDead = true;
  }

  /** Closed by its owner: the other end hears it after what was sent, or at once, when its bytes meet a closed door. */
  #endClosed(other: SimSocket, out: Pipe, who: string): void {
    this.#say(`closed by the ${who}`);
    if (other.destroyed || out.isDead) return;
    if (this.#context.random.chance(0.5)) out.finish();
    else {
      this.#drop();
      const realm = other === this.client ? 'client' : 'cluster';
      this.#end(other, realm, () => other.destroy(systemError('ECONNRESET', 'read')));
    }
  }

  #end(socket: SimSocket, realm: 'client' | 'cluster', end: () => void): void {
    const { scheduler, random, link } = this.#context;
    scheduler.after(random.between(...link.latencyMs), 'io', realm, () => socket.destroyed || end());
  }

  #traced(direction: '<' | '>', bytes: Buffer): void {
    const tag = direction === '>' ? this.number : -this.number;
    this.#trace.bytes(
      tag,
      bytes,
      frameText(`#${this.number} ${direction} :${this.port}`, direction, bytes, this.#asked),
    );
  }

  #say(what: string): void {
    this.#trace.say(`#${this.number} :${this.port} ${what}`);
  }
}
