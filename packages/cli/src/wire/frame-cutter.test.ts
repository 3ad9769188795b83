import { describe, expect, it } from 'vitest';
import { FrameCutter, type Piece } from './frame-cutter.ts';

const frame = (text: string): Buffer => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(text.length);
  return Buffer.concat([size, Buffer.from(text)]);
};

function cut(stream: Buffer, chunkSize: number): { pieces: Piece[]; rest: Buffer } {
  const cutter = new FrameCutter();
  const pieces: Piece[] = [];
  for (let at = 0; at < stream.length; at += chunkSize)
    pieces.push(...cutter.push(stream.subarray(at, at + chunkSize)));
  return { pieces, rest: cutter.rest() };
}

describe('a frame cutter', () => {
  const frames = [frame('one'), frame(''), frame('x'.repeat(300)), frame('two')];

  it('gives the same frames whatever the chunks are, and keeps what is not whole', () => {
    const stream = Buffer.concat([...frames, frame('cut').subarray(0, 5)]);
    for (let chunkSize = 1; chunkSize <= stream.length; chunkSize++) {
      const { pieces, rest } = cut(stream, chunkSize);
      expect(pieces).toEqual(frames.map((bytes) => ({ kind: 'frame', bytes })));
      expect(rest).toEqual(frame('cut').subarray(0, 5));
    }
  });

  it('gives everything after a size that cannot be as it is', () => {
    const stream = Buffer.concat([frame('one'), Buffer.from('GET / HTTP/1.1'), frame('two')]);
    for (let chunkSize = 1; chunkSize <= stream.length; chunkSize++) {
      const { pieces, rest } = cut(stream, chunkSize);
      expect(pieces[0]).toEqual({ kind: 'frame', bytes: frame('one') });
      expect(new Set(pieces.slice(1).map(({ kind }) => kind))).toEqual(new Set(['raw']));
      expect(Buffer.concat([...pieces.map(({ bytes }) => bytes), rest])).toEqual(stream);
    }
  });
});
