// Rounds in turn: in each, every client does the workload once, in a process of its own; who begins changes.
import { fork } from 'node:child_process';

const worker = new URL('./worker.mjs', import.meta.url);
const HANG_MS = 180_000;

/**
 * @param topics makes the topic of one round, or gives the backlog's; `remove` deletes it
 * @returns for each client what it did in each round, or the reason why it did nothing
 */
export async function measure(workload, { clients, rounds, seconds, bootstrap, dists, topics, say }) {
  const results = clients.map((name) => ({ name, rounds: [], reason: null }));
  const once = async (name) => {
    const topic = await topics.make(workload);
    const result = await inProcess({ name, id: workload.id, bootstrap, dists, topic, seconds });
    await topics.remove(workload, topic);
    return result;
  };
  // Not counted: the broker's virtual machine has to warm up, too.
  await once(clients[0]);
  for (let round = 0; round < rounds; round++) {
    for (const result of inTurn(results, round)) {
      if (result.reason) continue;
      const done = await once(result.name);
      if (done.reason) result.reason = done.reason;
      else result.rounds.push(done);
      say(workload, result.name, done);
    }
  }
  return results;
}

/** Another one begins each time, and every second time they go backwards, so that nobody always follows the same one. */
function inTurn(results, round) {
  const first = (round >> 1) % results.length;
  const order = [...results.slice(first), ...results.slice(0, first)];
  return round % 2 === 0 ? order : order.reverse();
}

/** What the process answers; `reason` when it fails, hangs or cannot do it. */
function inProcess(order) {
  return new Promise((resolve) => {
    const child = fork(worker, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    const complaints = [];
    child.stderr.on('data', (chunk) => complaints.push(chunk));
    const hang = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
    let answer = null;
    child.once('message', (message) => {
      answer = message;
      // A client that keeps its process from ending must not stop the bench.
      setTimeout(() => child.kill('SIGKILL'), 5000).unref();
    });
    child.once('exit', (code, signal) => {
      clearTimeout(hang);
      const [first] = Buffer.concat(complaints)
        .toString()
        .split('\n')
        .filter((line) => /Error|error/.test(line));
      resolve(answer ?? { reason: `ended with ${code ?? signal}: ${first ?? 'no reason given'}` });
    });
    child.send(order);
  });
}
