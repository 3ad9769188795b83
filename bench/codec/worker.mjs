// One client doing one case, in a process of its own: what the optimiser learned from the others' calls is not its
// concern. The parent says when to run, so that only one of them is running at a time.
import { performance } from 'node:perf_hooks';
import { groups } from './cases.mjs';

const [clientName, caseId] = process.argv.slice(2);
const chosen = groups.flatMap(({ cases }) => cases).find(({ id }) => id === caseId);

/** The clock is looked at this often at most, in milliseconds: looking at it costs as much as encoding a record. */
const LOOK_MS = 0.05;

/** Both in nanoseconds since some moment. CPU time is that of all threads: collector, compiler and zlib's pool too. */
const clocks = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1000;
  },
  wall: () => performance.now() * 1e6,
};

/** Nanoseconds a call, over so many milliseconds of calls. */
function repeat(work, milliseconds, clock) {
  const from = clock();
  const end = performance.now() + milliseconds;
  let calls = 0;
  let atOnce = 1;
  for (let now = performance.now(); now < end; ) {
    for (let i = 0; i < atOnce; i++) work();
    calls += atOnce;
    const before = now;
    now = performance.now();
    if (now - before < LOOK_MS) atOnce *= 2;
  }
  return (clock() - from) / calls;
}

/** The same for work that is asynchronous. */
async function repeatAsync(work, milliseconds, clock) {
  const from = clock();
  const end = performance.now() + milliseconds;
  let calls = 0;
  let atOnce = 1;
  for (let now = performance.now(); now < end; ) {
    for (let i = 0; i < atOnce; i++) await work();
    calls += atOnce;
    const before = now;
    now = performance.now();
    if (now - before < LOOK_MS) atOnce *= 2;
  }
  return (clock() - from) / calls;
}

async function prepare() {
  const { client } = await import(`./clients/${clientName}.mjs`);
  const work = await chosen.make(client);
  const first = work();
  const run = first instanceof Promise ? repeatAsync : repeat;
  process.on('message', async ({ milliseconds, clock }) => {
    process.send({ nanoseconds: await run(work, milliseconds, clocks[clock]) });
  });
  process.send({ result: await first });
}

prepare().catch((error) => {
  process.send({ reason: error.message });
  process.disconnect();
});
