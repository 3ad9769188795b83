// Consumer groups of runs that were given none: random, so that no two runs ever share one.
import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const LENGTH = 10;

/** `<username>-XXXXXXXXXX`, or the ten characters alone. */
export function generateGroupId(username: string | undefined): string {
  const random = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return username === undefined ? random : `${username}-${random}`;
}
