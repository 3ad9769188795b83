import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { encodeRequest } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ListTransactions } from './list-transactions.ts';

const all = { stateFilters: [], producerIdFilters: [], durationFilter: -1n, transactionalIdPattern: null };

describe('ListTransactions', () => {
  it.each([
    [0, { ...all, durationFilter: 0n }, 'durationFilter'],
    [1, { ...all, transactionalIdPattern: 'a.*' }, 'transactionalIdPattern'],
  ])('a filter that v%i lacks is refused by name: %o', (version, request, field) => {
    expect(() => encodeRequest(ListTransactions, version, request)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(ListTransactions, version, request)).toThrow(field);
  });

  it('a filter that keeps everything is no filter, and may be left out', () => {
    const request = { ...all, durationFilter: -5n, transactionalIdPattern: '' };
    expect(encodeRequest(ListTransactions, 0, request)).toEqual(bytes`01 01 00`);
    expect(encodeRequest(ListTransactions, 1, request)).toEqual(bytes`01 01 fffffffffffffffb 00`);
    expect(encodeRequest(ListTransactions, 2, request)).toEqual(bytes`01 01 fffffffffffffffb 01 00`);
  });
});
