import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Complaint } from './complaint.ts';

const lines: string[] = [];
const say = (message: string): void => void lines.push(message);
const logger = { debug: say, info: say, warn: say, error: say };
const refused = new Error('connection refused');

beforeEach(() => {
  vi.useFakeTimers();
  lines.length = 0;
});
afterEach(() => vi.useRealTimers());

it('what fails ten times a second is said at once, and then twice in seven minutes', () => {
  const complaint = new Complaint(logger, 'no connection');
  for (let i = 0; i < 4200; i++) {
    complaint.failed(refused);
    vi.advanceTimersByTime(100);
  }
  expect(lines).toEqual([
    'no connection: connection refused',
    'no connection for 60 s (601 attempts): connection refused',
    'no connection for 180 s (1801 attempts): connection refused',
  ]);
});

it('what works again is said to be over', () => {
  const complaint = new Complaint(logger, 'no connection');
  complaint.worked();
  complaint.failed(refused);
  vi.advanceTimersByTime(12_000);
  complaint.worked();
  complaint.worked();
  expect(lines.slice(1)).toEqual(['no connection: this is over, after 12 s']);
});

it('what fails anew is said at once, though it worked in between only for a moment', () => {
  const complaint = new Complaint(logger, 'no connection');
  const outage = (seconds: number): void => {
    for (let i = 0; i < 10 * seconds; i++) {
      complaint.failed(refused);
      vi.advanceTimersByTime(100);
    }
    complaint.worked();
    vi.advanceTimersByTime(5_000);
  };
  outage(5);
  outage(40);
  expect(lines).toEqual([
    'no connection: connection refused',
    'no connection: this is over, after 5 s',
    'no connection: connection refused',
    'no connection: this is over, after 40 s',
  ]);
});

it('what comes and goes ever again is said more and more rarely, until it was well for a while', () => {
  const complaint = new Complaint(logger, 'no connection');
  for (let i = 0; i < 3_000; i++) {
    complaint.failed(refused);
    vi.advanceTimersByTime(50);
    complaint.worked();
    vi.advanceTimersByTime(50);
  }
  // At 0, 5, 15, 35 and 75 s, and then each minute: both lines each time.
  const before = lines.length;
  expect(before).toBe(16);
  vi.advanceTimersByTime(180_000);
  complaint.failed(refused);
  complaint.worked();
  vi.advanceTimersByTime(5_000);
  complaint.failed(refused);
  expect(lines.length - before).toBe(3);
});

it('who is patient says nothing of what passes, but at once what will not', () => {
  const complaint = new Complaint(logger, 'no connection', 2_000);
  complaint.failed(refused);
  vi.advanceTimersByTime(1_000);
  complaint.worked();
  complaint.failed(refused);
  expect(lines).toEqual([]);
  complaint.failed(refused, true);
  expect(lines).toHaveLength(1);
});
