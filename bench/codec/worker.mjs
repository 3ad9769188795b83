// One client doing one case, in a process of its own: what the optimiser learned from the others' calls is not its
// concern. The parent says when to run, so that only one of them is running at a time.
import { performance } from 'node:perf_hooks';
import { groups } from './cases.mjs';

const [clientName, caseId] = process.argv.slice(2);
const chosen = groups.flatMap(({ cases }) => cases).find(({ id }) => id === caseId);

/** Calls the work over and over for so long; the clock is looked at between calls. */
function repeat(work, milliseconds) {
  const start = performance.now();
  let calls = 0;
  let now = start;
  for (; now - start < milliseconds; now = performance.now()) {
    work();
    calls++;
  }
  return ((now - start) * 1e6) / calls;
}

/** The same for work that is asynchronous; waiting costs a fraction of a microsecond. */
async function repeatAsync(work, milliseconds) {
  const start = performance.now();
  let calls = 0;
  let now = start;
  for (; now - start < milliseconds; now = performance.now()) {
    await work();
    calls++;
  }
  return ((now - start) * 1e6) / calls;
}

async function prepare() {
  const { client } = await import(`./clients/${clientName}.mjs`);
  const work = await chosen.make(client);
  const first = work();
  const run = first instanceof Promise ? repeatAsync : repeat;
  process.on('message', async ({ milliseconds }) => process.send({ nanoseconds: await run(work, milliseconds) }));
  process.send({ result: await first });
}

prepare().catch((error) => {
  process.send({ reason: error.message });
  process.disconnect();
});
