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

it('what fails and works in turn is not said each time', () => {
  const complaint = new Complaint(logger, 'no connection');
  for (let i = 0; i < 600; i++) {
    complaint.failed(refused);
    complaint.worked();
    vi.advanceTimersByTime(100);
  }
  expect(lines).toHaveLength(2);
});
