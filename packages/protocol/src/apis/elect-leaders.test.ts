import { describe, expect, it } from 'vitest';
import { ElectionType } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import { encodeRequest } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ElectLeaders } from './elect-leaders.ts';

describe('ElectLeaders', () => {
  it('v0 elects preferred leaders only: another election is refused', () => {
    const preferred = { electionType: ElectionType.preferred, topicPartitions: null, timeoutMs: 5 };
    const unclean = { ...preferred, electionType: ElectionType.unclean };
    expect(encodeRequest(ElectLeaders, 0, preferred)).toEqual(bytes`ffffffff 00000005`);
    expect(() => encodeRequest(ElectLeaders, 0, unclean)).toThrow(UnsupportedFieldError);
    expect(encodeRequest(ElectLeaders, 1, unclean)).toEqual(bytes`01 ffffffff 00000005`);
  });
});
