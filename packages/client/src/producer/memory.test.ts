import { expect, it } from 'vitest';
import { Memory } from './memory.ts';

it('who finds no room waits in line, also when a smaller one would fit', () => {
  const memory = new Memory(100);
  const admitted: string[] = [];
  expect(memory.tryReserve(80)).toBe(true);
  expect(memory.tryReserve(50)).toBe(false);
  memory.wait(50, () => admitted.push('a'));
  memory.wait(10, () => admitted.push('b'));
  expect(memory.tryReserve(10)).toBe(false);
  memory.release(30);
  expect(admitted).toEqual(['a']);
  memory.release(50);
  expect(admitted).toEqual(['a', 'b']);
  expect([memory.usedBytes, memory.hasWaiters]).toEqual([60, false]);
});

it('a record above the whole limit gets in when it is alone', () => {
  const memory = new Memory(100);
  expect(memory.tryReserve(500)).toBe(true);
  expect(memory.tryReserve(1)).toBe(false);
  memory.release(500);
  expect(memory.tryReserve(1)).toBe(true);
});

it('whenRoom resolves when what was refused would fit, and keeps nothing', async () => {
  const memory = new Memory(100);
  memory.tryReserve(95);
  expect(memory.tryReserve(20)).toBe(false);
  let hasRoom = false;
  const room = memory.whenRoom().room.then(() => {
    hasRoom = true;
  });
  memory.release(1);
  await Promise.resolve();
  expect(hasRoom).toBe(false);
  memory.release(30);
  await room;
  expect(memory.usedBytes).toBe(64);
  expect(memory.tryReserve(20)).toBe(true);
});

it('thousands in line are let in, in order', () => {
  const memory = new Memory(10);
  const admitted: number[] = [];
  memory.tryReserve(10);
  for (let i = 0; i < 5000; i++) memory.wait(10, () => admitted.push(i));
  for (let i = 0; i < 5000; i++) memory.release(10);
  expect(admitted).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  expect([memory.usedBytes, memory.hasWaiters]).toEqual([10, false]);
});
