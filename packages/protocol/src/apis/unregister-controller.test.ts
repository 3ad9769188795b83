import { describe, expect, it } from 'vitest';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { UnregisterController } from './unregister-controller.ts';

describe('UnregisterController', () => {
  it('request and response have these bytes', () => {
    const request = bytes`00000003 00`;
    expect(encodeRequest(UnregisterController, 0, { controllerId: 3 })).toEqual(request);
    expect(decodeRequest(UnregisterController, 0, request)).toEqual({ controllerId: 3 });
    const response = bytes`00000001 002a 04 'why' 00`;
    const refused = { throttleTimeMs: 1, errorCode: 42, errorMessage: 'why' };
    expect(encodeResponse(UnregisterController, 0, refused)).toEqual(response);
    expect(decodeResponse(UnregisterController, 0, response)).toEqual(refused);
  });
});
