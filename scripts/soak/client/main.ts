// The process of the client under test: ONE Kafka object with several of everything, which does what the parent orders
// and tells it what happens. It keeps no account of its own, so that its heap is the client's.
import type * as Client from '@hopwire/client';
import { now } from '../clock.ts';
import type { Order } from '../messages.ts';
import { callAdmin } from './admin-calls.ts';
import { logEvent } from './event-log.ts';
import { startNewcomer } from './newcomer.ts';
import { Producers } from './producers.ts';
import { Readers } from './readers.ts';
import { Reporter } from './reporter.ts';
import { isSocket, resources, sample } from './samples.ts';

const SAMPLE_MS = 5000;
/** What the engine needs to let go of closed sockets. */
const SETTLE_MS = 500;

const reporter = new Reporter();
const calls = new AbortController();

/** Everything out of one client. */
interface Running {
  readonly create: typeof Client.createClient;
  readonly clients: readonly Client.Kafka[];
  readonly producers: Producers;
  readonly readers: Readers;
  readonly sampling: NodeJS.Timeout;
}
let running: Promise<Running> | null = null;

async function begin({ client, bootstrap, rate, apart }: Extract<Order, { order: 'begin' }>): Promise<Running> {
  const { createClient: create }: typeof Client = await import(client);
  const clients: Client.Kafka[] = [];
  const newClient = (): Client.Kafka => {
    const made = create({ brokers: [...bootstrap], clientId: 'soak', onEvent: logEvent });
    clients.push(made);
    return made;
  };
  const kafka = newClient();
  const producers = new Producers(kafka, reporter, rate);
  const readers = new Readers(apart ? newClient : () => kafka, reporter);
  void callAdmin(kafka, reporter, calls.signal);
  const sampling = setInterval(() => reporter.tell(sample()), SAMPLE_MS);
  return { create, clients, producers, readers, sampling };
}

async function stopSending({ producers }: Running): Promise<void> {
  calls.abort();
  reporter.tell({ kind: 'quiet', unsettled: await producers.stop() });
  reporter.flush();
}

/** Afterwards nothing of the client may be left, and the process has to end by itself. */
async function close({ clients, readers, sampling }: Running): Promise<void> {
  clearInterval(sampling);
  readers.closing();
  const began = now();
  const error = await Promise.all(clients.map((kafka) => kafka.close())).then(() => null, String);
  const ms = now() - began;
  reporter.end();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const left = resources().filter((name) => isSocket(name) || name === 'Timeout');
  reporter.tell({ kind: 'closed', ms, error, left });
  reporter.flush();
  process.disconnect();
}

process.on('message', (order: Order) => {
  if (order.order === 'begin') running = begin(order);
  void running?.then((all) => {
    if (order.order === 'newcomer') void startNewcomer(all.create, order.bootstrap, order.name, reporter);
    if (order.order === 'stopSending') void stopSending(all);
    if (order.order === 'close') void close(all);
  });
});
// The parent has gone: nobody would listen any more.
process.on('disconnect', () => setTimeout(() => process.exit(1), 10_000).unref());
