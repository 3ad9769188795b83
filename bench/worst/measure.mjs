// One input: a process for the broker, one for the consumer, both ended afterwards.
import { fork } from 'node:child_process';

const HANG_MS = 60_000;

function start(file, order) {
  const child = fork(new URL(file, import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const answered = new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code, signal) => reject(new Error(`${file} ended with ${code ?? signal}`)));
  });
  child.send(order);
  return { child, answered };
}

/**
 * @param checkout whose client is measured
 * @param helper whose broker is used
 * @returns what the consumer's process says, or why it says nothing
 */
export async function measure(id, checkout, helper) {
  const broker = start('./broker-process.mjs', { id, checkout: helper });
  let consumer = null;
  try {
    const { bootstrap, from } = await broker.answered;
    consumer = start('./consumer-process.mjs', { id, checkout, bootstrap, from });
    return await inTime(consumer.answered);
  } catch (error) {
    return { reason: error.message };
  } finally {
    broker.child.kill('SIGKILL');
    consumer?.child.kill('SIGKILL');
  }
}

function inTime(answered) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing in ${HANG_MS / 1000} s`)), HANG_MS);
  });
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
