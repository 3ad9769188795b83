import { expect, it } from 'vitest';
import { Line } from './line.ts';
import { Outstanding, type Unit } from './outstanding.ts';

it('items leave from anywhere, and new ones get their place', () => {
  const line = new Line<string>();
  const links = ['a', 'b', 'c', 'd'].map((item) => line.push(item));
  links[1]?.remove();
  links[1]?.remove();
  line.insertBefore(links[2] ?? null, 'b2');
  line.insertBefore(null, 'e');
  expect([...line]).toEqual(['a', 'b2', 'c', 'd', 'e']);
  expect([line.shift(), line.first, line.size]).toEqual(['a', 'b2', 4]);
});

it('whoever goes through it meets what is left, once, whatever leaves or comes meanwhile', () => {
  const line = new Line<number>();
  const links = [0, 1, 2, 3, 4, 5].map((item) => line.push(item));
  const met: number[] = [];
  for (const item of line) {
    met.push(item);
    if (item === 1) for (const at of [1, 2, 3]) links[at]?.remove();
    if (item === 5) line.push(6);
  }
  expect(met).toEqual([0, 1, 4, 5, 6]);
});

it('a hundred thousand leave from the middle as fast as from the ends', () => {
  const line = new Line<number>();
  const links = Array.from({ length: 100_000 }, (_, i) => line.push(i));
  const startedAt = performance.now();
  for (let i = 0; i < links.length; i += 2) links[i]?.remove();
  for (let i = links.length - 1; i >= 0; i -= 2) links[i]?.remove();
  expect([line.size, performance.now() - startedAt < 1000]).toEqual([0, true]);
});

const unit = (): Unit => ({ ticket: 0, deadlineMs: 0, dueMs: 0, place: null });

it('who waits for all that is outstanding does not wait for what comes later, and for what takes its place', async () => {
  const outstanding = new Outstanding();
  const [held, batch, later] = [unit(), unit(), unit()];
  outstanding.add(held);
  let isDone = false;
  const done = outstanding.settled().done.then(() => {
    isDone = true;
  });
  outstanding.add(later);
  outstanding.replace(held, [batch]);
  await Promise.resolve();
  expect([isDone, outstanding.first === batch]).toEqual([false, true]);
  outstanding.remove(batch);
  await done;
  expect(outstanding.size).toBe(1);
});

it('halves take the place of the whole, a batch that is older keeps its own', async () => {
  const outstanding = new Outstanding();
  const [older, held, whole] = [unit(), unit(), unit()];
  for (const each of [older, held, whole]) outstanding.add(each);
  outstanding.replace(held, [older]);
  const halves = [unit(), unit()];
  outstanding.replace(whole, halves);
  expect([outstanding.size, halves.every((half) => half.ticket === whole.ticket)]).toEqual([3, true]);
  const { done } = outstanding.settled();
  for (const each of [older, ...halves]) outstanding.remove(each);
  await done;
});

it('a thousand flushes over a thousand batches are told in linear time, and those that give up are forgotten', async () => {
  const outstanding = new Outstanding();
  const units = Array.from({ length: 1000 }, unit);
  const watches = units.map((each) => {
    outstanding.add(each);
    return outstanding.settled();
  });
  watches.forEach((watch, i) => {
    if (i % 2) watch.leave();
  });
  for (const each of units) outstanding.remove(each);
  await Promise.all(watches.filter((_, i) => i % 2 === 0).map(({ done }) => done));
});
