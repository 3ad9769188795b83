// Every decoder there is, as a target.
import { apiTargets } from './api-targets.ts';
import { byteTargets } from './byte-targets.ts';
import type { FuzzTarget } from './target.ts';

/** @param only part of the targets' names; '' is all of them */
export function fuzzTargets(only = ''): FuzzTarget[] {
  return [...apiTargets(), ...byteTargets()].filter(({ name }) => name.includes(only));
}
