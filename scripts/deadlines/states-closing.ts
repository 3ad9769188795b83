// A close is under way that takes its time; and what a call finds then.
import type { Scene } from './scene.ts';
import type { State } from './state.ts';
import { workInBodies } from './states-group.ts';
import { silence } from './states-network.ts';

/** What the close under way may take: longer than the limits of the calls. */
const CLOSING_MS = 1_000;

function begin(scene: Scene, close: (limit: { timeoutMs: number }) => Promise<unknown>): void {
  const deadline = performance.now() + CLOSING_MS;
  const work = close({ timeoutMs: CLOSING_MS }).then(() => undefined);
  scene.closing = { work, deadline };
  scene.beside(work);
}

function closeOnSilence(scene: Scene): void {
  silence(scene.broker);
  scene.beside(...scene.producers.map((producer) => producer.send({ topic: 'orders', value: 'never answered' })));
  begin(scene, (limit) => scene.kafka.close(limit));
}

/** One body is at work; the other loop waits for records. */
async function closeOverBody(scene: Scene): Promise<void> {
  await workInBodies(scene, scene.loops.slice(0, 1));
  begin(scene, (limit) => scene.kafka.close(limit));
}

async function closeConsumers(scene: Scene): Promise<void> {
  await workInBodies(scene, scene.loops.slice(0, 1));
  begin(scene, (limit) => Promise.all(scene.consumers.map((consumer) => consumer.close(limit))));
}

export const closingStates: readonly State[] = [
  {
    column: 'closing',
    variant: 'the client, broker silent',
    scene: { warm: 'all' },
    keepsMembers: true,
    enter: closeOnSilence,
  },
  { column: 'closing', variant: 'the client, a body at work', scene: { warm: 'all' }, enter: closeOverBody },
  {
    column: 'closing',
    variant: 'the consumers, a body at work',
    only: 'consumer',
    scene: { warm: 'all' },
    enter: closeConsumers,
  },
];
