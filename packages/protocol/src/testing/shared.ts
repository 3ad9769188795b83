// Finds the test material that is shared with other projects and never copied into this one.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = process.env.HOP_SHARED ?? fileURLToPath(new URL('../../../../../shared', import.meta.url));

/** Must a test that wants this fail, rather than be skipped, where it is missing? */
export function isRequired(resource: 'shared' | 'jvm'): boolean {
  return (process.env.HOP_TEST_REQUIRE ?? '').split(',').includes(resource);
}

/** Why a test over it is skipped; null when it is there, or when it has to be. */
export const sharedMissing: string | null =
  existsSync(`${folder}/vectors`) || isRequired('shared')
    ? null
    : 'the shared test material is not beside the repository';

/** Name of a suite over it, which says why it is skipped. */
export function overShared(name: string): string {
  return sharedMissing ? `${name} [skipped: ${sharedMissing}]` : name;
}

/**
 * Integers above 2^53 become strings of their digits; everything else is as in JSON.
 *
 * @returns null when the material is missing and may be
 */
export function readShared(path: string): unknown {
  if (sharedMissing) return null;
  return JSON.parse(readFileSync(`${folder}/${path}`, 'utf8').replace(/(?<=[[:,]\s*)-?\d{16,}(?=\s*[\],}])/g, '"$&"'));
}
