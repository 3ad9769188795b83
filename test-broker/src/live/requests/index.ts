// Every probe there is, by key.
import type { Probe } from '../probe.ts';
import { accessProbes } from './access.ts';
import { configProbes } from './configs.ts';
import { groupProbes } from './groups.ts';
import { newGroupProbes } from './new-groups.ts';
import { recordProbes } from './records.ts';
import { sessionProbes } from './sessions.ts';
import { topicProbes } from './topics.ts';
import { transactionProbes } from './transactions.ts';

export const probes: readonly Probe[] = [
  ...sessionProbes,
  ...recordProbes,
  ...groupProbes,
  ...newGroupProbes,
  ...transactionProbes,
  ...topicProbes,
  ...accessProbes,
  ...configProbes,
].sort((a, b) => a.api.key - b.api.key);
