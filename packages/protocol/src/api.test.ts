import { describe, expect, it } from 'vitest';
import { chooseVersion, isFlexible } from './api.ts';
import { Heartbeat } from './apis/heartbeat.ts';
import { SaslHandshake } from './apis/sasl-handshake.ts';
import { UnsupportedVersionError } from './errors.ts';

describe('the version of an API', () => {
  it('is the highest that both sides speak', () => {
    expect(chooseVersion(Heartbeat, [0, 2])).toBe(2);
    expect(chooseVersion(Heartbeat, [3, 9])).toBe(4);
    expect(chooseVersion(Heartbeat, [4, 4])).toBe(4);
  });

  it('does not exist when the ranges do not meet or the broker lacks the API', () => {
    expect(() => chooseVersion(Heartbeat, [5, 9])).toThrow('Heartbeat: we speak v0-4, the broker takes v5-9');
    expect(() => chooseVersion({ ...Heartbeat, versions: [3, 4] }, [0, 2])).toThrow(UnsupportedVersionError);
    expect(() => chooseVersion(Heartbeat, undefined)).toThrow('the broker does not have it');
  });

  it('is flexible from the first flexible version on, or never', () => {
    expect([3, 4].map((version) => isFlexible(Heartbeat, version))).toEqual([false, true]);
    expect(isFlexible(SaslHandshake, 1)).toBe(false);
  });
});
