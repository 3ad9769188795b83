import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { encodeRequest } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { CreateDelegationToken } from './create-delegation-token.ts';

const own = { ownerPrincipalType: null, ownerPrincipalName: null, renewers: [], maxLifetimeMs: -1n };

describe('CreateDelegationToken', () => {
  it('an owner is refused below v3: the token would be of whoever asks', () => {
    const another = { ...own, ownerPrincipalType: 'User', ownerPrincipalName: 'eve' };
    expect(() => encodeRequest(CreateDelegationToken, 2, another)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(CreateDelegationToken, 2, { ...own, ownerPrincipalName: 'eve' })).toThrow(
      'ownerPrincipalName',
    );
    expect(encodeRequest(CreateDelegationToken, 2, own)).toEqual(bytes`01 ffffffffffffffff 00`);
    expect(encodeRequest(CreateDelegationToken, 3, another)).toEqual(bytes`05 'User' 04 'eve' 01 ffffffffffffffff 00`);
  });
});
