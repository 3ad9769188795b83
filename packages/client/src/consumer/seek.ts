// One call of seek(): at once where an offset is named, and else once that is looked up.
import type { PartitionStart, Waiting } from '../types.ts';
import { checkStays } from './assignment.ts';
import type { Partition } from './partition.ts';
import type { Parts } from './parts.ts';

export async function seek<K, V>(
  parts: Parts<K, V>,
  partition: Partition,
  offset: PartitionStart['offset'],
  waiting: Waiting,
): Promise<void> {
  checkStays(partition);
  if (typeof offset === 'bigint' && partition.hasPosition) {
    partition.placeAt(offset);
    return parts.wakeFor(partition);
  }
  const takeBack = partition.seek(offset);
  parts.wakeFor(partition);
  await parts.ownership.whenPlaced(partition, waiting).catch((error: unknown) => {
    takeBack();
    parts.wakeFor(partition);
    throw error;
  });
}
