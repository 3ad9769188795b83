import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { bytes } from '../testing/bytes.ts';
import { FrameReader, FrameSizeError } from './frame-reader.ts';

function framesOf(chunks: readonly Buffer[], maxFrameBytes = 1000): Buffer[] {
  const frames: Buffer[] = [];
  const reader = new FrameReader(maxFrameBytes, (frame) => frames.push(frame));
  for (const chunk of chunks) reader.push(chunk);
  return frames;
}

/** The same by way of `space` and `filled`: as much at a time as each number says, or as there is room for. */
function framesRead(stream: Buffer, counts: readonly number[], maxFrameBytes = 100_000): Buffer[] {
  const frames: Buffer[] = [];
  const reader = new FrameReader(maxFrameBytes, (frame) => frames.push(frame));
  for (let at = 0, i = 0; at < stream.length; i++) {
    const most = counts.length > 0 ? (counts[i % counts.length] ?? 1) : stream.length;
    const taken = stream.copy(reader.space(), 0, at, at + most);
    reader.filled(taken);
    at += taken;
  }
  return frames;
}

function framed(body: Uint8Array): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

/** Cuts at the given places, each taken modulo the length. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return at.slice(1).map((end, i) => stream.subarray(at[i], end));
}

describe('a frame reader', () => {
  it('any chunking gives the same frames', () => {
    const bodies = fc.array(
      fc.uint8Array({ maxLength: 50 }).map((body) => Buffer.from(body)),
      { maxLength: 8 },
    );
    const holds = fc.property(bodies, fc.array(fc.nat(), { maxLength: 40 }), (expected, places) => {
      const stream = Buffer.concat(expected.map(framed));
      expect(framesOf(cut(stream, places))).toEqual(expected);
    });
    fc.assert(holds, { numRuns: 500 });
  });

  it('reading into its own space gives the same frames, whatever each read brings', () => {
    const bodies = fc.array(
      fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ minLength: 20_000, maxLength: 40_000 })),
      { maxLength: 6 },
    );
    const counts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1000, max: 50_000 })), {
      maxLength: 9,
    });
    const holds = fc.property(bodies, counts, (each, sizes) => {
      const expected = each.map((body) => Buffer.from(body));
      const frames = framesRead(Buffer.concat(expected.map(framed)), sizes);
      expect(frames.map((frame) => frame.toString('latin1'))).toEqual(expected.map((body) => body.toString('latin1')));
    });
    fc.assert(holds, { numRuns: 50 });
  });

  it('offers the rest of a large frame itself: no byte of it is copied again', () => {
    const frames: Buffer[] = [];
    const reader = new FrameReader(100_000, (frame) => frames.push(frame));
    const stream = framed(Buffer.alloc(90_000, 'x'));
    reader.filled(stream.copy(reader.space(), 0, 0, 10));
    const rest = reader.space();
    expect(rest.length).toBe(90_000 - 6);
    reader.filled(stream.copy(rest, 0, 10));
    expect(frames[0]?.buffer).toBe(rest.buffer);
    expect(frames[0]?.equals(stream.subarray(4))).toBe(true);
  });

  it('gives away nothing that it will overwrite', () => {
    const frames = framesRead(bytes`00000003 'abc' 00000003 'def'`, [7]);
    expect(frames.map(String)).toEqual(['abc', 'def']);
  });

  it('byte by byte gives the same frames', () => {
    const stream = bytes`00000003 'abc' 00000000 00000001 'd'`;
    const chunks = cut(stream, Array.from(stream.keys()));
    expect(framesOf(chunks).map(String)).toEqual(['abc', '', 'd']);
  });

  it('a frame inside one chunk is a view of it, one that spans chunks is joined', () => {
    const chunk = bytes`00000003 'abc' 00000003 'd'`;
    const rest = Buffer.from('ef');
    const [whole, joined] = framesOf([chunk, rest]);
    expect(whole?.buffer).toBe(chunk.buffer);
    expect(joined?.toString()).toBe('def');
    expect(joined?.byteLength).toBe(joined?.buffer.byteLength);
  });

  it('keeps an unfinished frame to itself', () => {
    expect(framesOf([bytes`0000`])).toEqual([]);
    expect(framesOf([bytes`00000003 'ab'`])).toEqual([]);
  });

  it.each([
    ['negative', bytes`ffffffff`, '-1'],
    ['one above the limit', bytes`000003e9`, '1001'],
    ['an HTTP answer, as read from the wrong port', Buffer.from('HTTP/1.1 400'), '1213486160'],
  ])('refuses a size before anything of it is held: %s', (_, data, size) => {
    expect(() => framesOf([data])).toThrow(ProtocolError);
    expect(() => framesRead(data, [], 1000)).toThrow(new FrameSizeError(Number(size), 1000));
    expect(() => framesOf([data])).toThrow(`frame of ${size} bytes announced, at most 1000 are accepted`);
  });

  it('takes a frame of exactly the limit', () => {
    expect(framesOf([framed(Buffer.alloc(1000))])[0]?.length).toBe(1000);
  });

  it('delivers the frames before a bad size', () => {
    const frames: string[] = [];
    const reader = new FrameReader(1000, (frame) => frames.push(frame.toString()));
    expect(() => reader.push(bytes`00000001 'a' 00000001 'b' 80000000`)).toThrow(ProtocolError);
    expect(frames).toEqual(['a', 'b']);
  });
});
