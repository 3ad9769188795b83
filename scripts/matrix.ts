// `pnpm matrix`: asks real brokers one sensible request for every API in every version they have in common with us, and
// writes down what came back: packages/protocol/BROKERS.md. A test repeats it and compares.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { KAFKA_VERSIONS } from '@hopwire/test-broker/harness';
import { columnsOf } from '../test-broker/src/live/columns.ts';
import { documentOf } from '../test-broker/src/live/document.ts';

parseArgs({ options: {} }); // it takes none: anything there is a mistake
const file = new URL('../packages/protocol/BROKERS.md', import.meta.url);
await writeFile(file, documentOf(await columnsOf(KAFKA_VERSIONS)));
