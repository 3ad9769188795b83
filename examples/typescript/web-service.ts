// A web service that stores orders in Kafka, and says what became of each.
//
//   POST /orders  {"id": "order-1", ...}
//     201  stored on all in-sync replicas
//     400  not an order
//     503  not stored: Kafka did not take it within five seconds. The caller may send it again.
//     504  not known: Kafka did not say whether it stored it. The caller may send it again with the same id; the worker
//          handles an id only once.
//
// SIGTERM: no new connections are taken, requests at work get their answers, and the process ends.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createClient, DeliveryError } from '@hopwire/client';

/** How long a caller waits at most for Kafka. The default of two minutes is longer than most callers wait. */
const DELIVERY_TIMEOUT_MS = 5_000;

interface Answer {
  readonly status: number;
  readonly body: object;
}

const kafka = createClient({ brokers: process.env.KAFKA ?? 'localhost:9092', clientId: 'orders-web' });
const producer = kafka.producer({ deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });

const server = createServer((request, response) => {
  answerTo(request)
    .catch((error: unknown): Answer => ({ status: 500, body: { error: String(error) } }))
    .then((answer) => write(response, answer));
});

async function answerTo(request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'POST' || request.url !== '/orders') return { status: 404, body: { error: 'POST /orders' } };
  const value = await text(request);
  const id = idOf(value);
  return id === undefined ? { status: 400, body: { error: 'an order has an id' } } : store(id, value);
}

async function store(id: string, value: string): Promise<Answer> {
  try {
    const { partition, offset } = await producer.send({ topic: 'orders', key: id, value });
    return { status: 201, body: { partition, offset: String(offset) } };
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    return { status: error.outcome === 'no' ? 503 : 504, body: { error: error.message, stored: error.outcome } };
  }
}

function idOf(value: string): string | undefined {
  try {
    const order: unknown = JSON.parse(value);
    return typeof order === 'object' && order !== null && 'id' in order ? String(order.id) : undefined;
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, body }: Answer): void {
  response.shouldKeepAlive &&= server.listening;
  const headers = { 'content-type': 'application/json', ...(status === 503 && { 'retry-after': '5' }) };
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);
}

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
await once(server, 'listening');
console.log('listening at', server.address());

await once(process, 'SIGTERM');
server.close();
await once(server, 'close');
await producer.close();
await kafka.close();
console.log('ended');
