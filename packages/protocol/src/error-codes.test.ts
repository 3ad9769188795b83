import { describe, expect, it } from 'vitest';
import { Errors, errorByCode, errorCodes } from './error-codes.ts';

describe('error codes', () => {
  it('the table runs from -1 to 136 without a gap', () => {
    expect(errorCodes.map((error) => error.code)).toEqual(Array.from({ length: 138 }, (_, i) => i - 1));
  });

  it('every code has a name and a text of its own', () => {
    expect(new Set(errorCodes.map((error) => error.name)).size).toBe(138);
    expect(new Set(errorCodes.map((error) => error.text)).size).toBe(138);
    for (const { name, text } of errorCodes) {
      expect(name).toMatch(/^[A-Z][A-Z_]+$/);
      expect(text).toMatch(/^\S.*[^.\s]$/);
    }
  });

  it('names lead to numbers and numbers back to names', () => {
    expect(Errors.NOT_LEADER_OR_FOLLOWER).toBe(6);
    expect(Errors.CONTROLLER_ID_NOT_REGISTERED).toBe(136);
    for (const error of errorCodes) expect(errorByCode(error.code)).toBe(error);
  });

  it('an unknown code has a name of its own and is not retriable', () => {
    for (const code of [137, 999, -2, 32767]) {
      expect(errorByCode(code)).toMatchObject({
        code,
        name: `UNKNOWN_CODE_${code}`,
        retriable: false,
        refreshesMetadata: false,
      });
    }
  });

  it('the retriable codes are those that Kafka calls retriable', () => {
    expect(errorCodes.filter((error) => error.retriable).map((error) => error.code)).toEqual([
      2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106,
      122, 123, 133,
    ]);
  });

  it('the codes of old metadata ask for a refresh', () => {
    expect(errorCodes.filter((error) => error.refreshesMetadata).map((error) => error.code)).toEqual([
      3, 5, 6, 9, 13, 41, 56, 72, 74, 80, 83, 100, 103, 129,
    ]);
  });
});
