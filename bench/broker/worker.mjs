// One client, one workload, one round: told by a message, answered by one.
import { openClient } from './clients.mjs';
import { workloads } from './workloads.mjs';

const MEGABYTE_IN_KILOBYTES = 1024;

process.once('message', async ({ name, id, bootstrap, dists, topic, seconds }) => {
  const { run, partitions } = workloads.find((workload) => workload.id === id);
  const client = await openClient(name, bootstrap, dists);
  const before = process.cpuUsage();
  const result = await run({ client, topic, partitions, seconds });
  const { user, system } = process.cpuUsage(before);
  const peakMb = process.resourceUsage().maxRSS / MEGABYTE_IN_KILOBYTES;
  process.send({ ...result, cpuSeconds: (user + system) / 1e6, peakMb });
  await client.close();
  process.disconnect();
});
