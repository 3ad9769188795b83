// Why an offset is refused here, before a broker could take it for a good one.
import { Errors } from '@hopwire/protocol';

export type CommitRefusal = 'not ours' | 'lost meanwhile' | 'of a former topic' | 'in no generation';

export const REFUSALS: Readonly<Record<CommitRefusal, { readonly code: number; readonly message: string }>> = {
  'not ours': {
    code: Errors.REBALANCE_IN_PROGRESS,
    message: 'it is not assigned to this consumer: another member may have gone on there',
  },
  'lost meanwhile': {
    code: Errors.REBALANCE_IN_PROGRESS,
    message: 'the partition was lost and assigned anew since: another member may have gone on there',
  },
  'of a former topic': {
    code: Errors.UNKNOWN_TOPIC_ID,
    message: 'the topic was made anew while the body was at work: the offset is one of the topic before',
  },
  'in no generation': {
    code: Errors.REBALANCE_IN_PROGRESS,
    message: 'the consumer is not in a generation of the group now: commit again when it has its partitions',
  },
};
