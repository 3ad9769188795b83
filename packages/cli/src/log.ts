// Log lines on stderr in the shape of the Python original: `2026-01-31 12:00:00,123 | hop : INFO : text`.
import type { Io } from './io.ts';
import { oneLine } from './one-line.ts';

export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

const labels: Readonly<Record<Level, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

export type Logger = Readonly<Record<Level, (message: string) => void>>;

/** @param least lines below this level are dropped */
export function createLogger(io: Io, least: Level, now: () => Date = () => new Date()): Logger {
  const at = (level: Level) => (message: string) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return;
    const text = oneLine(message, '; ');
    io.stderr.write(
      io.env.HOP_LOG === 'json' ? jsonLine(now(), level, text) : `${stamp(now())} | hop : ${labels[level]} : ${text}\n`,
    );
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function jsonLine(time: Date, level: Level, message: string): string {
  return `${JSON.stringify({ time: time.toISOString(), level: labels[level], message })}\n`;
}

/** Local time, comma before the milliseconds, as Python's logging writes it. */
function stamp(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${date} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`;
}
