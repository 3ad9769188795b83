// All faults that the simulator is measured by.
import { consumerMutations } from './consumer-mutations.ts';
import { groupMutations } from './group-mutations.ts';
import type { Mutation } from './mutation.ts';
import { producerMutations } from './producer-mutations.ts';

export const mutations: readonly Mutation[] = [...producerMutations, ...consumerMutations, ...groupMutations];
