import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeResponse, encodeRequest } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ListConfigResources } from './list-config-resources.ts';

describe('ListConfigResources', () => {
  it('v0 asks for client metrics, said or not, and refuses any other type', () => {
    expect(encodeRequest(ListConfigResources, 0, { resourceTypes: [] })).toEqual(bytes`00`);
    expect(encodeRequest(ListConfigResources, 0, { resourceTypes: [16] })).toEqual(bytes`00`);
    expect(encodeRequest(ListConfigResources, 1, { resourceTypes: [2, 16] })).toEqual(bytes`03 02 10 00`);
    const mixed = { resourceTypes: [16, 2] };
    expect(() => encodeRequest(ListConfigResources, 0, mixed)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(ListConfigResources, 0, mixed)).toThrow('resourceTypes');
  });

  it('what v0 answers are client metrics', () => {
    const { configResources } = decodeResponse(ListConfigResources, 0, bytes`00000000 0000 02 02 'm' 00 00`);
    expect(configResources).toEqual([{ resourceName: 'm', resourceType: 16 }]);
  });
});
