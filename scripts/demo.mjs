// `pnpm demo`: a broker, a subscriber that waits, three messages published to it; all with the built `hop`, nothing else.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const hop = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));
const messages = [
  ['VOEVENT', 'examples/messages/voevent.xml'],
  ['CIRCULAR', 'examples/messages/circular.txt'],
  ['JSON', 'examples/messages/observation.json'],
];
const DEADLINE_MS = 60_000;

const running = new Set();
const deadline = setTimeout(() => fail(`not done after ${DEADLINE_MS / 1000} s`), DEADLINE_MS);

function start(...args) {
  const child = spawn(process.execPath, [hop, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.errors = '';
  child.stderr.on('data', (chunk) => {
    child.errors += chunk;
  });
  child.ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code;
  });
  return child;
}

function fail(reason) {
  for (const child of running) child.kill('SIGKILL');
  console.error(`demo: ${reason}`);
  process.exit(1);
}

function say(text) {
  console.log(`\n\x1b[1m${text}\x1b[0m`);
}

async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  return fail(`the broker ended: ${child.errors}`);
}

async function waitFor(child, text) {
  while (!child.errors.includes(text)) {
    const ended = await Promise.race([once(child.stderr, 'data').then(() => false), child.ended.then(() => true)]);
    if (ended) fail(`ended before "${text}": ${child.errors}`);
  }
}

say('1. An embedded Kafka broker:  hop broker --topic alerts:1');
const broker = start('broker', '--listen', '127.0.0.1:0', '--topic', 'alerts:1');
const url = `${await firstLine(broker)}/alerts`;
console.log(`   it listens at ${url}`);

say(`2. A subscriber that waits:  hop subscribe --no-auth -j ${url}`);
const subscriber = start('subscribe', '--no-auth', '-j', '-s', 'EARLIEST', '--limit', String(messages.length), url);
const received = createInterface({ input: subscriber.stdout })[Symbol.asyncIterator]();
await waitFor(subscriber, 'processing messages');
console.log('   it is connected, and the topic is empty');

say('3. Three messages, each published by a process of its own and shown as the subscriber prints it:');
for (const [format, file] of messages) {
  console.log(`\n   hop publish --no-auth -f ${format} ${url} ${file}`);
  const publisher = start('publish', '-q', '--no-auth', '-f', format, url, file);
  if ((await publisher.ended) !== 0) fail(`hop publish failed: ${publisher.errors}`);
  const { value: line, done } = await received.next();
  if (done) fail(`the subscriber ended: ${subscriber.errors}`);
  show(JSON.parse(line));
}

function show(message) {
  const content = JSON.stringify(message.content, null, 2).replace(/^/gm, '      ');
  console.log(
    `   -> ${message.topic}[${message.partition}] offset ${message.offset}, ${message.format}, id ${message.id}`,
  );
  console.log(content);
}

if ((await subscriber.ended) !== 0) fail(`hop subscribe failed: ${subscriber.errors}`);
broker.kill('SIGTERM');
await broker.ended;
clearTimeout(deadline);

say('Done: three messages went through a real socket, a real log and back. Next:');
console.log(`   node packages/cli/dist/main.js --help          every command of hop
   node packages/cli/dist/main.js broker          a broker on 127.0.0.1:9092 for your own experiments
   npx pnpm@10 test                               the tests
   README.md                                      the client in your own code`);
