import { expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { StreamsGroupDescribe } from './streams-group-describe.ts';

it('StreamsGroupDescribe v0 refuses to ask for the topology: no answer would have it', () => {
  const request = { groups: ['g'], includeAuthorizedOperations: false, includeTopologyDescription: true };
  expect(() => encodeRequest(StreamsGroupDescribe, 0, request)).toThrow(UnsupportedFieldError);
  expect(() => encodeRequest(StreamsGroupDescribe, 0, request)).toThrow('includeTopologyDescription');
  expect(encodeRequest(StreamsGroupDescribe, 1, request)).toEqual(bytes`02 02 'g' 00 01  00`);
});

it('StreamsGroupDescribe v1 names the assignor last, after the topology and its status', () => {
  const group = {
    errorCode: 0,
    errorMessage: null,
    group: 'g',
    state: 'Empty',
    epoch: 1,
    assignmentEpoch: 2,
    topology: { epoch: 0, subtopologies: null },
    members: [],
    authorizedOperations: -0x80000000,
    topologyDescription: { subtopologies: [], globalStores: [] },
    topologyDescriptionStatus: 3,
    assignorName: 'sticky',
  };
  const v0 = bytes`0000 00 02 'g' 06 'Empty' 00000001 00000002  01 00000000 00 00  01  80000000`;
  const v1 = bytes`${v0} 01 01 01 00  03  07 'sticky'`;
  const response = { throttleTimeMs: 0, groups: [group] };
  expect(encodeResponse(StreamsGroupDescribe, 1, response)).toEqual(bytes`00000000 02 ${v1} 00  00`);
  expect(decodeResponse(StreamsGroupDescribe, 1, bytes`00000000 02 ${v1} 00  00`)).toEqual(response);

  expect(encodeResponse(StreamsGroupDescribe, 0, response)).toEqual(bytes`00000000 02 ${v0} 00  00`);
  const lacking = { topologyDescription: null, topologyDescriptionStatus: 0, assignorName: null };
  expect(decodeResponse(StreamsGroupDescribe, 0, bytes`00000000 02 ${v0} 00  00`).groups).toEqual([
    { ...group, ...lacking },
  ]);
});
