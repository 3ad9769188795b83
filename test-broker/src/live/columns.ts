// The matrix over several releases of Kafka, one after the other.
import { startTarget } from '../harness/select.ts';
import { type Column, columnOf } from './matrix.ts';

/** @param versions releases, which are fetched by Maven when they are not cached */
export async function columnsOf(versions: readonly string[]): Promise<Column[]> {
  const columns: Column[] = [];
  for (const version of versions) {
    await using target = await startTarget({ kind: 'jvm', kafkaVersion: version });
    columns.push(await columnOf(target, `Kafka ${version}`));
  }
  return columns;
}
