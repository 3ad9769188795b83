// Draws trouble after trouble until it clears.
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { TroubleName } from './names.ts';
import * as network from './network-troubles.ts';
import * as node from './node-troubles.ts';
import type { RequestRules } from './request-rules.ts';
import * as request from './request-troubles.ts';
import * as topic from './topic-troubles.ts';
import type { Surroundings, Trouble } from './trouble.ts';

const troubles: Readonly<Record<TroubleName, Trouble>> = {
  'slow network': network.slowNetwork,
  pieces: network.pieces,
  'narrow network': network.narrowNetwork,
  'cut connections': network.cutConnections,
  'orderly ends': network.orderlyEnds,
  'vanishing bytes': network.vanishingBytes,
  dials: network.dials,
  'killed node': node.killedNode,
  'lost node': node.lostNode,
  'restarted node': node.restartedNode,
  'frozen node': node.frozenNode,
  'fenced node': node.fencedNode,
  'moved leaders': node.movedLeaders,
  'moved coordinators': node.movedCoordinators,
  outage: node.outage,
  'error codes': request.errorCodes,
  throttling: request.throttling,
  'lost answers': request.lostAnswers,
  'hung requests': request.hungRequests,
  'slow answers': request.slowAnswers,
  'hang-ups': request.hangUps,
  'grown topics': topic.grownTopics,
  'topics made anew': topic.topicsMadeAnew,
  retention: topic.retention,
  truncation: topic.truncation,
  'expired members': topic.expiredMembers,
  'stopped client': topic.stoppedClient,
};

export class Weather {
  readonly #world: World;
  readonly #random: Random;
  readonly #here: Surroundings;
  readonly #ends = new Set<() => void>();

  constructor(world: World, rules: RequestRules) {
    this.#world = world;
    this.#random = world.random('weather');
    this.#here = { world, rules, random: world.random('trouble'), busyNodes: new Set() };
  }

  /** Until it clears. */
  async run(): Promise<void> {
    const { plan, scheduler } = this.#world;
    const kinds = [...plan.troubles];
    for (;;) {
      const pause = this.#random.waiting(plan.everyMs);
      const left = plan.troubleMs - scheduler.now;
      await scheduler.sleep(Math.max(0, Math.min(pause, left)));
      if (pause >= left) break;
      if (kinds.length > 0) this.#begin(this.#random.pick(kinds));
    }
    this.#clear();
  }

  #begin(name: TroubleName): void {
    const { met, scheduler } = this.#world;
    met.set(name, (met.get(name) ?? 0) + 1);
    const underWay = troubles[name](this.#here);
    if (!underWay) return;
    const { forMs, end } = underWay;
    const timer = scheduler.after(forMs, 'timer', 'world', () => finish());
    const finish = (): void => {
      timer.isCancelled = true;
      this.#ends.delete(finish);
      end();
    };
    this.#ends.add(finish);
  }

  #clear(): void {
    for (const end of [...this.#ends]) end();
    for (const link of this.#world.network.links) link.clear();
    this.#world.trace.say('the weather has cleared');
  }
}
