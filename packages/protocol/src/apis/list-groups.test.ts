import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { encodeRequest } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ListGroups } from './list-groups.ts';

describe('ListGroups', () => {
  it.each([
    [3, { statesFilter: ['Stable'], typesFilter: [] }, 'statesFilter'],
    [4, { statesFilter: [], typesFilter: ['classic'] }, 'typesFilter'],
  ])('v%i refuses a filter it cannot carry by name: %o', (version, request, field) => {
    expect(() => encodeRequest(ListGroups, version, request)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(ListGroups, version, request)).toThrow(field);
  });

  it('empty filters go to any version', () => {
    const all = { statesFilter: [], typesFilter: [] };
    expect(encodeRequest(ListGroups, 0, all)).toEqual(Buffer.alloc(0));
    expect(encodeRequest(ListGroups, 4, all)).toEqual(bytes`01 00`);
    expect(encodeRequest(ListGroups, 5, all)).toEqual(bytes`01 01 00`);
  });
});
