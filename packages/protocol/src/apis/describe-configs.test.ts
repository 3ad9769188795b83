import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { DescribeConfigs } from './describe-configs.ts';

const plain = { resources: [], includeSynonyms: false, includeDocumentation: false };

describe('DescribeConfigs', () => {
  it('synonyms are refused below v1 and documentation below v3: the answer could not have them', () => {
    const synonyms = { ...plain, includeSynonyms: true };
    const documentation = { ...plain, includeDocumentation: true };
    expect(() => encodeRequest(DescribeConfigs, 0, synonyms)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(DescribeConfigs, 0, synonyms)).toThrow('includeSynonyms');
    expect(encodeRequest(DescribeConfigs, 1, synonyms)).toEqual(bytes`00000000 01`);
    expect(() => encodeRequest(DescribeConfigs, 2, documentation)).toThrow('includeDocumentation');
    expect(encodeRequest(DescribeConfigs, 3, documentation)).toEqual(bytes`00000000 00 01`);
  });

  it('where a value comes from is one bit in v0, and a number with synonyms from v1 on', () => {
    const config = {
      name: 'k',
      value: 'v',
      readOnly: false,
      configSource: 5,
      isDefault: true,
      isSensitive: false,
      synonyms: [{ name: 's', value: null, source: 4 }],
      configType: 2,
      documentation: 'what it does',
    };
    const result = { errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 't', configs: [config] };
    const response = { throttleTimeMs: 1, results: [result] };
    const v0 = bytes`00000001 00000001 0000 ffff 02 0001 't' 00000001 0001 'k' 0001 'v' 00 01 00`;
    const v1 = bytes`
      00000001 00000001 0000 ffff 02 0001 't'
      00000001 0001 'k' 0001 'v' 00 05 00 00000001 0001 's' ffff 04
    `;
    const untold = { synonyms: [], configType: 0, documentation: null };
    expect(encodeResponse(DescribeConfigs, 0, response)).toEqual(v0);
    expect(decodeResponse(DescribeConfigs, 0, v0).results[0]?.configs).toEqual([
      { ...config, ...untold, configSource: -1 },
    ]);
    expect(encodeResponse(DescribeConfigs, 1, response)).toEqual(v1);
    expect(decodeResponse(DescribeConfigs, 1, v1).results[0]?.configs).toEqual([
      { ...config, ...untold, isDefault: false, synonyms: config.synonyms },
    ]);
  });
});
