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

it('room that was announced is kept for a turn of the event loop, also when others wait in line', async () => {
  const memory = new Memory(100);
  memory.tryReserve(100);
  expect(memory.tryReserveAnnounced(30)).toBe(false);
  const { room } = memory.whenRoom();
  const admitted: string[] = [];
  memory.wait(30, () => admitted.push('behind'));
  memory.release(30);
  await room;
  expect([memory.usedBytes, memory.tryReserve(30)]).toEqual([70, false]);
  expect([memory.tryReserveAnnounced(30), memory.tryReserveAnnounced(30)]).toEqual([true, false]);
  expect(admitted).toEqual([]);
  memory.release(40);
  expect([memory.usedBytes, admitted]).toEqual([90, ['behind']]);
});

it('room that was announced and is not used goes to the next in line', async () => {
  const memory = new Memory(100);
  memory.tryReserve(100);
  memory.tryReserveAnnounced(30);
  const { room } = memory.whenRoom();
  const behind = new Promise<void>((resolve) => memory.wait(30, resolve));
  memory.release(30);
  await room;
  await behind;
  expect(memory.usedBytes).toBe(100);
});

it('whenRoom resolves when what was refused would fit, and keeps nothing', async () => {
  const memory = new Memory(100);
  memory.tryReserve(95);
  expect(memory.tryReserveAnnounced(20)).toBe(false);
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
  expect(memory.tryReserveAnnounced(20)).toBe(true);
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

it('who gives up leaves the line, and those behind are let in', async () => {
  const memory = new Memory(100);
  const admitted: string[] = [];
  memory.tryReserve(60);
  const large = memory.wait(80, () => admitted.push('large'));
  memory.wait(30, () => admitted.push('small'));
  expect(admitted).toEqual([]);
  large.leave();
  large.leave();
  expect([admitted, memory.usedBytes, memory.hasWaiters]).toEqual([['small'], 90, false]);
  const { leave } = ((): { leave(): void } => {
    memory.tryReserve(50);
    return memory.whenRoom();
  })();
  leave();
  expect([memory.hasWaiters, memory.tryReserve(10)]).toEqual([false, true]);
});

it('ten thousand who are let in and fail at once do not pile up on the stack', () => {
  const memory = new Memory(10);
  let admitted = 0;
  memory.tryReserve(10);
  for (let i = 0; i < 10_000; i++) {
    memory.wait(10, () => {
      admitted++;
      memory.release(10);
    });
  }
  memory.release(10);
  expect([admitted, memory.usedBytes]).toEqual([10_000, 0]);
});

it('closing tells whoever waits for room', async () => {
  const memory = new Memory(10);
  memory.tryReserve(10);
  memory.tryReserve(10);
  const { room } = memory.whenRoom();
  memory.close(new Error('closed'));
  await expect(room).rejects.toThrow('closed');
  memory.release(10);
  expect([memory.usedBytes, memory.hasWaiters]).toEqual([0, false]);
});
