// Test support: the shared sample messages. Tests that need them are skipped without them, unless they are required.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonValue } from '../formats/json/lossless.ts';

const shared = process.env.HOP_SHARED ?? resolve(fileURLToPath(new URL('../../../../../shared', import.meta.url)));

/** The folder of the shared samples. */
export const samples: string = join(shared, 'samples');
const required = (process.env.HOP_TEST_REQUIRE ?? '').split(',').includes('shared');
/** True where tests over the samples are to be skipped: they are absent and nobody requires them. */
export const samplesMissing: boolean = !existsSync(samples) && !required;
/** For the name of a suite over them: why it is skipped. */
export const because: string = samplesMissing
  ? ' [skipped: the shared test material is not beside the repository]'
  : '';

/** What a sample's neighbour file says about it. */
export interface Expected {
  ok: boolean;
  value: Record<string, unknown>;
  [other: string]: unknown;
}

/** Paths (`folder/name`) of the samples in a folder; empty when they are absent and may be. */
export function samplesIn(folder: string, pattern: RegExp = /(?<!\.expected\.json)$/): string[] {
  if (samplesMissing) return [];
  const names = readdirSync(join(samples, folder)).filter((name) => !name.endsWith('.expected.json'));
  return names.filter((name) => pattern.test(name)).map((name) => `${folder}/${name}`);
}

export function samplePath(name: string): string {
  return join(samples, name);
}

export function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(`${samplePath(name)}.expected.json`, 'utf8'));
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The canonical form the digests of the samples are made of: sorted keys, no blanks, ECMAScript's numbers. */
export function canonical(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`;
}
