// What everybody in a simulation knows.
import type { TestBroker } from '@hopwire/test-broker';
import type { SimClient } from './actors/sim-client.ts';
import type { Checker } from './checker/checker.ts';
import type { SimNetwork } from './network/sim-network.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** `trouble`: anything may happen; `calm`: the weather has cleared and users behave; `closing`: everybody goes home. */
export type Phase = 'trouble' | 'calm' | 'closing';

export class World {
  phase: Phase = 'trouble';
  /** Troubles that were met, by name. */
  readonly met: Map<string, number> = new Map();
  readonly clients: SimClient[] = [];
  readonly seed: number;
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly network: SimNetwork;
  readonly broker: TestBroker;
  readonly checker: Checker;

  constructor(parts: Omit<World, 'phase' | 'met' | 'clients' | 'random' | 'sleep' | 'client'>) {
    this.seed = parts.seed;
    this.plan = parts.plan;
    this.scheduler = parts.scheduler;
    this.trace = parts.trace;
    this.network = parts.network;
    this.broker = parts.broker;
    this.checker = parts.checker;
  }

  /** A stream of chance of one's own. */
  random(purpose: string): Random {
    return new Random(this.seed, purpose);
  }

  /** As a user's code sleeps: in the client's process. */
  sleep(ms: number): Promise<void> {
    return this.scheduler.sleep(ms, 'client');
  }

  client(index: number): SimClient {
    const client = this.clients[index];
    if (!client) throw new RangeError(`there is no client ${index}`);
    return client;
  }
}
