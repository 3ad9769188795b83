// States of the way to the broker: none yet, throttled, gone silent.
import { plain } from '@hopwire/client';
import { apis } from '@hopwire/protocol';
import type { TestBroker } from '@hopwire/test-broker';
import { never } from './never.ts';
import { type Scene, TOPIC } from './scene.ts';
import type { State } from './state.ts';
import { until } from './until.ts';

/** What the broker demands. */
const PAUSE_MS = 10_000;

/** Accepts connections and requests, and answers nothing any more. */
export function silence(broker: TestBroker): void {
  for (const api of apis) broker.on(api, 'swallow', { always: true });
}

/** Each connection is told to pause by its next answer. */
async function throttle(scene: Scene): Promise<void> {
  const { broker, kafka, admin, producers } = scene;
  for (const api of apis) broker.on(api, { throttleMs: PAUSE_MS }, { always: true });
  await Promise.all([
    kafka.connect(),
    admin.listOffsets([{ topic: TOPIC, partition: 0, at: 'latest' }]),
    ...producers.map((producer) => producer.send({ topic: TOPIC, value: 'throttled' })),
    until('consumers are throttled', () => scene.seen('throttle Fetch') >= 2 && scene.seen('throttle Heartbeat') >= 2),
  ]);
}

export const networkStates: readonly State[] = [
  { column: 'idle', scene: { warm: 'all' } },
  {
    column: 'connecting',
    variant: 'the peer accepts and says nothing',
    scene: { warm: 'none', before: silence },
    keepsMembers: true,
  },
  {
    column: 'connecting',
    variant: 'the TLS handshake never ends',
    scene: { warm: 'none', isPeerSilent: true, client: { tls: { rejectUnauthorized: false } } },
    keepsMembers: true,
  },
  {
    column: 'connecting',
    variant: 'the dialer never comes back',
    scene: { warm: 'none', client: { openSocket: never } },
    keepsMembers: true,
  },
  {
    column: 'connecting',
    variant: 'the credential function never comes back',
    scene: {
      warm: 'none',
      broker: { users: { u: 'p' } },
      client: { sasl: plain({ username: 'u', password: never }) },
    },
    keepsMembers: true,
  },
  { column: 'throttled', scene: { warm: 'all' }, keepsMembers: true, enter: throttle },
  { column: 'broker silent', scene: { warm: 'all' }, keepsMembers: true, enter: ({ broker }) => silence(broker) },
];
