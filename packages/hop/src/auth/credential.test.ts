import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Auth, type AuthOptions } from './credential.ts';

const everything: AuthOptions = {
  user: 'alice',
  password: 'secret 1',
  host: 'h:9092',
  tokenEndpoint: 'https://id:secret2@sso/token',
  tokenCommand: 'token --with secret3',
  others: { ssl_key_password: 'secret4' },
};

describe('a credential', () => {
  it.each([
    ['inspect', (auth: Auth) => inspect(auth, { depth: 9, showHidden: true, getters: false })],
    ['JSON', (auth: Auth) => JSON.stringify(auth)],
    ['a copy', (auth: Auth) => JSON.stringify({ ...auth })],
    ['text', (auth: Auth) => `${auth} ${auth.describe()}`],
  ])('shows no secret of any field as %s', (_how, show) => {
    expect(show(new Auth(everything))).not.toContain('secret');
  });

  it.each(['alice:secret@h', 'kafka://alice:secret@h:9092', 'h:secret', 'h?password=secret', 'alice:sec:secret@h'])(
    'that is refused for its hostname does not tell what was written into it: %s',
    (host) => {
      const make = (): Auth => new Auth({ user: 'alice', password: 'p', host });
      expect(make).toThrow('bad hostname');
      expect(make).toThrow(
        expect.toSatisfy((error: unknown) => !inspect(error, { depth: 9, showHidden: true }).includes('secret@')),
      );
    },
  );

  it.each(['password', 'tokenEndpoint', 'tokenCommand', 'others', 'host', 'user'])(
    'is another one with another %s',
    (field) => {
      const other = field === 'others' ? { ssl_key_password: 'other' } : 'other';
      expect(new Auth(everything).equals(new Auth({ ...everything }))).toBe(true);
      expect(new Auth(everything).equals(new Auth({ ...everything, [field]: other }))).toBe(false);
    },
  );
});
