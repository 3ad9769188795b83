// What a client leaves behind: timers (those too that keep no process alive) and sockets, by the scene that made them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { clock, type Timer } from '@hopwire/client/src/util/clock.ts';

const scenes = new AsyncLocalStorage<Leftovers>();
const CALLBACK_LENGTH = 100;

/** Timers and sockets of one scene. Whatever runs inside `run`, and whatever that causes, belongs to it. */
export class Leftovers {
  readonly timers: Map<object, string> = new Map();
  readonly sockets: Set<Socket> = new Set();

  run<T>(work: () => Promise<T>): Promise<T> {
    watchOnce();
    return scenes.run(this, work);
  }

  /** For what stands beside the client under test. */
  static outside<T>(work: () => T): T {
    return scenes.exit(work);
  }

  /** A line for each thing that is there now. */
  list(): string[] {
    const open = [...this.sockets].filter((socket) => !socket.closed && !socket.destroyed);
    return [
      ...this.timers.values(),
      ...open.map((socket) => `a socket to port ${socket.remotePort ?? '(connecting)'}`),
    ];
  }
}

let isWatching = false;

/** Puts itself between the client and the functions it asks for timers, and listens for sockets. */
function watchOnce(): void {
  if (isWatching) return;
  isWatching = true;
  watchTimers();
  subscribe('net.client.socket', (message) => {
    const scene = scenes.getStore();
    const socket = message instanceof Object && 'socket' in message ? message.socket : undefined;
    if (!scene || !(socket instanceof Socket)) return;
    scene.sockets.add(socket);
    socket.once('close', () => scene.sockets.delete(socket));
  });
}

function watchTimers(): void {
  const { setTimer, clearTimer } = clock;
  const owners = new WeakMap<object, Leftovers>();
  clock.setTimer = (callback, ms) => {
    const scene = scenes.getStore();
    const timer: Timer = setTimer(() => {
      scene?.timers.delete(timer);
      callback();
    }, ms);
    scene?.timers.set(timer, describe(callback, ms));
    if (scene) owners.set(timer, scene);
    return timer;
  };
  clock.clearTimer = (timer) => {
    if (timer) owners.get(timer)?.timers.delete(timer);
    clearTimer(timer);
  };
}

function describe(callback: () => void, ms: number): string {
  const text = callback.toString().replace(/\s+/g, ' ').slice(0, CALLBACK_LENGTH);
  return `a timer of ${ms.toFixed(0)} ms: ${text}`;
}
