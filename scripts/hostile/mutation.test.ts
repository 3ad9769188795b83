import { describe, expect, it } from 'vitest';
import { mutated, mutationsOf } from './mutation.ts';

const answer = {
  errorCode: 0,
  topics: [
    { name: 'a', size: 1n },
    { name: 'b', size: 2n },
  ],
  bytes: Buffer.of(1),
};

describe('mutations', () => {
  it('reach every field of an answer, once', () => {
    const all = mutationsOf([answer, answer]);
    const paths = new Set(all.map(({ path }) => path.join('.')));
    expect([...paths]).toEqual(['errorCode', 'topics', 'topics.*.name', 'topics.*.size', 'bytes']);
    expect(new Set(all.map(({ path, text }) => `${path.join('.')} ${text}`)).size).toBe(all.length);
    expect(all.filter(({ path }) => path[0] === 'errorCode').length).toBeGreaterThan(130);
  });

  it('change their field in every element of a list, and nothing else', () => {
    const changed = mutated(answer, { path: ['topics', '*', 'size'], change: () => -1n });
    expect(changed).toEqual({
      ...answer,
      topics: [
        { name: 'a', size: -1n },
        { name: 'b', size: -1n },
      ],
    });
    expect(answer.topics[0]?.size).toBe(1n);
  });
});
