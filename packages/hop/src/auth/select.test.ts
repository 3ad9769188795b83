import { describe, expect, it } from 'vitest';
import { parseUrl } from '../kafka-url.ts';
import { Auth } from './credential.ts';
import { selectMatchingAuth } from './select.ts';

const auth = (user: string, host?: string, password = 'p'): Auth =>
  new Auth({ user, password, ...(host === undefined ? {} : { host }) });
const select = (url: string, ...auths: Auth[]): string => selectMatchingAuth(auths, parseUrl(url)).describe();

describe('selectMatchingAuth', () => {
  it('falls back to a credential without hostname (HOP-082)', () => {
    expect(select('kafka://h/t', auth('a'), auth('b', 'other'))).toBe('a');
  });

  it('prefers the host over none', () => {
    expect(select('kafka://h/t', auth('a'), auth('b', 'H'))).toBe('b for H');
  });

  it('takes the default port and its absence as equal, in both directions', () => {
    expect(select('kafka://h:9092/t', auth('a', 'h'))).toBe('a for h');
    expect(select('kafka://h/t', auth('a', 'h:9092'))).toBe('a for h:9092');
  });

  it('does not tell a password that was written into the address', () => {
    expect(() => select('kafka://a:secret@h/t', auth('a'))).toThrow('no credential for h with user name a:***');
  });

  it('does not take another port for the default', () => {
    expect(() => select('kafka://h/t', auth('a', 'h:9093'))).toThrow(/no credential for h/);
    expect(() => select('kafka://h:9093/t', auth('a', 'h'))).toThrow(/no credential for h:9093/);
  });

  it('takes the literal one of h and h:9092, and equal entries as one (HOP-083)', () => {
    const both = [auth('a', 'h'), auth('a', 'h:9092')];
    expect(select('kafka://h/t', ...both)).toBe('a for h');
    expect(select('kafka://h:9092/t', ...both)).toBe('a for h:9092');
    expect(select('kafka://h/t', auth('a', 'h'), auth('a', 'h'))).toBe('a for h');
  });

  it('asks for a user name where several fit (HOP-084)', () => {
    const two = [auth('a', 'h'), auth('b', 'h')];
    expect(() => select('kafka://h/t', ...two)).toThrow(
      expect.objectContaining({ code: 'AMBIGUOUS_CREDENTIAL', hint: expect.stringContaining('kafka://USER@h/t') }),
    );
    expect(select('kafka://b@h/t', ...two)).toBe('b for h');
    expect(() => select('kafka://c@h/t', ...two)).toThrow(/user name c/);
  });
});
