import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { plainToken, readPlainToken } from './plain.ts';
import { SaslError } from './sasl-error.ts';
import { type DeriveKey, deriveKeySlowly, type ScramMechanism, scramCredential } from './scram.ts';
import { ScramClient } from './scram-client.ts';
import { ScramServer } from './scram-server.ts';

const derive = promisify(pbkdf2);
const deriveKey: DeriveKey = (hash, password, salt, iterations, length) =>
  derive(password, salt, iterations, length, hash);

// RFC 7677, section 3.
const NONCE = 'rOprNGfwEbeRWgbNEkqO';
const SERVER_NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const SALT = 'W22ZaJ0SNY7soEsUEjb6gQ==';
const SERVER_FIRST = `r=${NONCE}${SERVER_NONCE},s=${SALT},i=4096`;
const CLIENT_FINAL = `c=biws,r=${NONCE}${SERVER_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

function rfcClient(): ScramClient {
  return new ScramClient('SCRAM-SHA-256', { username: 'user', password: 'pencil', nonce: NONCE }, deriveKey);
}

async function exchange(
  mechanism: ScramMechanism,
  username: string,
  password: string,
  typed = password,
): Promise<ScramServer> {
  const credential = await scramCredential(mechanism, password, Buffer.from('salty'), 4096, deriveKey);
  const server = new ScramServer(mechanism, (name) => (name === username ? credential : undefined), 'server');
  const client = new ScramClient(mechanism, { username, password: typed, nonce: 'client' }, deriveKey);
  client.verify(server.finalMessage(await client.finalMessage(server.firstMessage(client.firstMessage()))));
  return server;
}

describe('PLAIN', () => {
  it('joins its parts with NUL, and reads them back', () => {
    expect(plainToken({ username: 'test', password: 'testtest' }).toString('latin1')).toBe('\0test\0testtest');
    const credentials = { username: 'ü', password: 'p,=', authorizationId: 'ü' };
    expect(readPlainToken(plainToken(credentials))).toEqual(credentials);
  });

  it('refuses what would shift the parts, without showing the password', () => {
    expect(() => plainToken({ username: 'a', password: 'secret\0x' })).toThrow(SaslError);
    expect(() => plainToken({ username: 'a', password: 'secret\0x' })).not.toThrow(/secret/);
    expect(() => plainToken({ username: '', password: 'x' })).toThrow(/username is empty/);
    expect(() => readPlainToken(Buffer.from('a\0b'))).toThrow(SaslError);
  });
});

describe('ScramClient', () => {
  it('speaks the example of RFC 7677', async () => {
    const client = rfcClient();
    expect(client.firstMessage().toString()).toBe(`n,,n=user,r=${NONCE}`);
    expect((await client.finalMessage(Buffer.from(SERVER_FIRST))).toString()).toBe(CLIENT_FINAL);
    client.verify(Buffer.from(SERVER_FINAL));
  });

  it.each([
    ['a nonce that is not a continuation of ours', `r=other${SERVER_NONCE},s=${SALT},i=4096`, /nonce/],
    ['our own nonce and nothing more', `r=${NONCE},s=${SALT},i=4096`, /nonce/],
    ['too few iterations', `r=${NONCE}x,s=${SALT},i=4095`, /4095 iterations/],
    ['iterations that would only waste time', `r=${NONCE}x,s=${SALT},i=1000001`, /1000001 iterations/],
    ['no iterations', `r=${NONCE}x,s=${SALT}`, /no iterations/],
    ['a salt that is not base64', `r=${NONCE}x,s=%%%,i=4096`, /salt/],
    ['an extension it must know', `m=x,r=${NONCE}x,s=${SALT},i=4096`, /extension/],
    ['a refusal', 'e=unknown-user', /refused: unknown-user/],
    ['something else', 'hello', /malformed/],
  ])('refuses %s', async (_, serverFirst, message) => {
    await expect(rfcClient().finalMessage(Buffer.from(serverFirst))).rejects.toThrow(message);
    await expect(rfcClient().finalMessage(Buffer.from(serverFirst))).rejects.toThrow(SaslError);
  });

  it('does not trust a server that cannot sign', async () => {
    const client = rfcClient();
    expect(() => client.verify(Buffer.from(SERVER_FINAL))).toThrow(/before the password was proven/);
    await client.finalMessage(Buffer.from(SERVER_FIRST));
    expect(() => client.verify(Buffer.from(`v=${Buffer.alloc(32).toString('base64')}`))).toThrow(/signature is wrong/);
    expect(() => client.verify(Buffer.from('v='))).toThrow(/signature is missing/);
    expect(() => client.verify(Buffer.from('e=invalid-proof'))).toThrow(/check user and password/);
  });

  it('escapes the username, and says when it holds a delegation token', () => {
    const options = { username: 'a=b,c', password: 'x', nonce: 'n', tokenAuth: true };
    const client = new ScramClient('SCRAM-SHA-512', options, deriveKey);
    expect(client.firstMessage().toString()).toBe('n,,n=a=3Db=2Cc,r=n,tokenauth=true');
  });
});

describe('ScramServer', () => {
  it.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('lets in who knows the password, %s', async (mechanism) => {
    expect((await exchange(mechanism, 'a=b,ü', 'pass,=wörd')).username).toBe('a=b,ü');
  });

  it('answers the example of RFC 7677', async () => {
    const credential = await scramCredential('SCRAM-SHA-256', 'pencil', Buffer.from(SALT, 'base64'), 4096, deriveKey);
    const server = new ScramServer('SCRAM-SHA-256', () => credential, SERVER_NONCE);
    expect(server.firstMessage(Buffer.from(`n,,n=user,r=${NONCE}`)).toString()).toBe(SERVER_FIRST);
    expect(server.username).toBe(null);
    expect(server.finalMessage(Buffer.from(CLIENT_FINAL)).toString()).toBe(SERVER_FINAL);
    expect(server.username).toBe('user');
  });

  it('refuses a wrong password and an unknown user alike', async () => {
    const wrong = exchange('SCRAM-SHA-256', 'user', 'right', 'wrong');
    await expect(wrong).rejects.toThrow('SCRAM-SHA-256: unknown user or wrong password');
    const server = new ScramServer('SCRAM-SHA-256', () => undefined, 'x');
    expect(() => server.firstMessage(Buffer.from('n,,n=user,r=x'))).toThrow(
      'SCRAM-SHA-256: unknown user or wrong password',
    );
  });

  it.each(['p=tls,,n=user,r=x', 'n,,r=x', 'n,,n=us=er,r=x', 'n,,n=user', '', 'n,,n=a,n=b,r=x'])(
    'refuses %j',
    (first) => {
      const server = new ScramServer('SCRAM-SHA-256', () => undefined, 'x');
      expect(() => server.firstMessage(Buffer.from(first))).toThrow(SaslError);
    },
  );
});

it('a mechanism that is not SCRAM is refused by name', () => {
  const options = { username: 'alice', password: 'secret', nonce: 'n' };
  expect(() => Reflect.construct(ScramClient, ['SCRAM-MD5', options, deriveKey])).toThrow(
    /SCRAM-MD5.*there are SCRAM-SHA-256 and SCRAM-SHA-512/,
  );
});

describe('messages that are not UTF-8', () => {
  // With replacements, any two passwords of invalid bytes would be the same one.
  it('are refused by the broker', () => {
    expect(() => readPlainToken(Buffer.from('\0alice\0pass\xff', 'latin1'))).toThrow(SaslError);
    const server = new ScramServer('SCRAM-SHA-256', () => undefined, 'x');
    expect(() => server.firstMessage(Buffer.from('n,,n=\xff,r=x', 'latin1'))).toThrow('not UTF-8');
  });

  it('are refused by the client', async () => {
    const client = new ScramClient('SCRAM-SHA-256', { username: 'u', password: 'p', nonce: 'n' }, deriveKey);
    await expect(client.finalMessage(Buffer.from('r=n\xff,s=QQ==,i=4096', 'latin1'))).rejects.toThrow('not UTF-8');
  });
});

describe('deriveKeySlowly', () => {
  it('derives what node:crypto derives', async () => {
    for (const [hash, length] of [
      ['sha256', 32],
      ['sha512', 64],
    ] as const) {
      const args = [hash, Buffer.from('pässword'), Buffer.from('salt'), 50, length] as const;
      expect(await deriveKeySlowly(...args)).toEqual(await deriveKey(...args));
    }
  });
});
