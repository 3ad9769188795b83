// The network in memory behaves as sockets do.
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import { Trace } from '../trace.ts';
import type { Link } from './link.ts';
import { SimNetwork } from './sim-network.ts';

const PORT = 9092;

/** A node that listens, and what it and its clients hear. */
class Made {
  readonly scheduler: Scheduler = new Scheduler({ mostEvents: 10_000 });
  readonly network: SimNetwork = new SimNetwork(
    this.scheduler,
    new Random(1, 'network'),
    new Trace(() => this.scheduler.now, 10),
  );
  /** As `who what@time`. */
  readonly heard: string[] = [];
  readonly accepted: Duplex[] = [];

  constructor() {
    void this.network.listen('node', 0, {
      connected: () => undefined,
      accept: (socket) => {
        this.accepted.push(socket);
        this.listen('node', socket);
      },
      failed: () => undefined,
    });
  }

  get link(): Link {
    return this.network.link(PORT);
  }

  /** What was heard, without its times. */
  get words(): string[] {
    return this.heard.map((line) => line.slice(0, line.indexOf('@')));
  }

  listen(who: string, socket: Duplex): void {
    const hear = (what: string): void => void this.heard.push(`${who} ${what}@${this.scheduler.now}`);
    socket.on('data', (bytes: Buffer) => hear(bytes.toString()));
    socket.on('end', () => hear('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => hear(error.code ?? error.message));
  }

  dial(signal: AbortSignal = new AbortController().signal): Promise<Duplex> {
    return this.network.dial('client', { host: 'node', port: PORT, signal });
  }

  /** Dials, acts, and runs until nothing is left to happen. */
  async run(act: (socket: Duplex) => void | Promise<void>): Promise<this> {
    void this.dial().then(
      async (socket) => {
        this.listen('client', socket);
        await act(socket);
      },
      (error: NodeJS.ErrnoException) => this.heard.push(`client ${error.code ?? error.message}@`),
    );
    await this.scheduler.run();
    return this;
  }
}

describe('a connection in memory', () => {
  it('brings bytes in order, and later than they were written', async () => {
    const made = await new Made().run((socket) => {
      socket.write('a');
      socket.write('b');
    });
    expect(made.words.join('')).toBe('node anode b');
    for (const line of made.heard) expect(Number(line.slice(line.indexOf('@') + 1))).toBeGreaterThan(0.2);
  });

  it('may bring them in pieces, of which none is lost', async () => {
    const made = new Made();
    made.link.pieces = 1;
    await made.run((socket) => void socket.write('abcdefgh'));
    expect(made.heard.length).toBeGreaterThan(1);
    expect(made.words.map((word) => word.slice('node '.length)).join('')).toBe('abcdefgh');
  });

  it('brings the end after what was written', async () => {
    const made = await new Made().run((socket) => void socket.end('a'));
    expect(made.words.slice(0, 2)).toEqual(['node a', 'node end']);
    expect(made.network.open()).toEqual([]);
  });

  it('tells both of a reset', async () => {
    const made = new Made();
    await made.run(async () => {
      await made.scheduler.sleep(50);
      for (const connection of made.network.open(PORT)) connection.reset();
    });
    expect(made.words.sort()).toEqual(['client ECONNRESET', 'node ECONNRESET']);
  });

  it('lets bytes vanish, and nobody hears of it', async () => {
    const made = new Made();
    await made.run((socket) => {
      for (const connection of made.network.open()) connection.vanish('up');
      socket.write('a');
    });
    expect(made.heard).toEqual([]);
    expect(made.network.open()).toHaveLength(1);
  });

  it('keeps what arrives for a node that stands still', async () => {
    const made = new Made();
    await made.run(async (socket) => {
      await made.scheduler.sleep(50);
      made.network.freeze(PORT, true);
      socket.write('a');
      await made.scheduler.sleep(1_000);
      expect(made.heard).toEqual([]);
      made.network.freeze(PORT, false);
    });
    expect(made.words).toEqual(['node a']);
  });
});

describe('who dials', () => {
  it('is refused where nobody listens', async () => {
    const made = new Made();
    made.link.dial = 'refused';
    expect((await made.run(() => undefined)).words).toEqual(['client ECONNREFUSED']);
  });

  it('waits for a node that cannot be reached until the signal', async () => {
    const made = new Made();
    made.link.dial = 'unreachable';
    const signal = new AbortController();
    const dialed = made.dial(signal.signal).catch((error: unknown) => error);
    made.scheduler.after(1_000, 'timer', 'client', () => signal.abort('enough'));
    await made.scheduler.run();
    expect(await dialed).toBe('enough');
    expect(made.scheduler.now).toBe(1_000);
  });

  it('meets one who hangs up at once', async () => {
    const made = new Made();
    made.link.dial = 'hangsUp';
    expect((await made.run(() => undefined)).words).toEqual(['client end']);
    expect(made.accepted).toEqual([]);
  });

  it('may be connected to nobody', async () => {
    const made = new Made();
    made.link.dial = 'silent';
    expect((await made.run((socket) => void socket.write('a'))).heard).toEqual([]);
  });

  it('is served as before when the weather clears', async () => {
    const made = new Made();
    made.link.dial = 'refused';
    made.link.clear();
    expect((await made.run((socket) => void socket.write('a'))).words).toEqual(['node a']);
  });
});
