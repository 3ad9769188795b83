import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { Reader } from '../wire/reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import { Writer } from '../wire/writer.ts';
import { type TopicReference, topicReference } from './topic-reference.ts';

const topicId = Buffer.alloc(16, 7).toString('base64url');

function written(byId: boolean, topic: TopicReference): Buffer {
  const w = new Writer();
  topicReference.encode(w, 'Produce', 12, byId, topic);
  return w.toBuffer();
}

function again(byId: boolean, topic: TopicReference): TopicReference {
  return topicReference.decode(new Reader(written(byId, topic)), byId);
}

describe('a topic', () => {
  it('is named by what the version has, and the other one is left out', () => {
    expect(again(false, { name: 't', topicId })).toEqual({ name: 't', topicId: ZERO_UUID });
    expect(again(true, { name: 't', topicId })).toEqual({ name: '', topicId });
  });

  it('is refused when the version has no place for all that is known of it', () => {
    expect(() => written(true, { name: 't', topicId: ZERO_UUID })).toThrow(UnsupportedFieldError);
    expect(() => written(true, { name: 't', topicId: ZERO_UUID })).toThrow('name');
    expect(() => written(false, { name: '', topicId })).toThrow(UnsupportedFieldError);
    expect(() => written(false, { name: '', topicId })).toThrow('topicId');
  });

  it('of which nothing is known is written as such: an answer may have it', () => {
    const nothing = { name: '', topicId: ZERO_UUID };
    expect(again(false, nothing)).toEqual(nothing);
    expect(again(true, nothing)).toEqual(nothing);
  });
});
