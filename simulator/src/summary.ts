// What all seeds together came to.
import type { Result } from './simulation.ts';

export class Summary {
  readonly violated: Result[] = [];
  seeds = 0;
  #virtualMs = 0;
  #cpuMs = 0;
  #events = 0;
  #requests = 0;
  #records = 0;
  #acknowledged = 0;
  readonly #met = new Map<string, number>();
  readonly #startedAt: number = performance.now();

  add(result: Result, cpuMs: number): void {
    this.seeds++;
    this.#virtualMs += result.virtualMs;
    this.#cpuMs += cpuMs;
    this.#events += result.events;
    this.#requests += result.requests;
    this.#records += result.records;
    this.#acknowledged += result.acknowledged;
    for (const [name, count] of Object.entries(result.met)) this.#met.set(name, (this.#met.get(name) ?? 0) + count);
    if (result.violation) this.violated.push(result);
  }

  /** One line while it runs. */
  progress(): string {
    const { hours, seconds } = this.#times();
    return `${this.seeds} seeds, ${hours} virtual hours in ${seconds} s, ${this.violated.length} violated`;
  }

  text(): string {
    const { hours, seconds } = this.#times();
    const perSeed = (this.#cpuMs / Math.max(1, this.seeds)).toFixed(0);
    const met = [...this.#met].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${name} ${count}`);
    return [
      `${this.seeds} seeds, ${hours} virtual hours in ${seconds} s (${perSeed} ms of CPU a seed)`,
      `${this.#events} events, ${this.#requests} requests, ${this.#records} records sent, ${this.#acknowledged} acknowledged`,
      `trouble met: ${met.join(', ')}`,
      ...this.#rules(),
      this.violated.length === 0 ? 'no rule was broken' : `${this.violated.length} seeds broke a rule`,
    ].join('\n');
  }

  #rules(): string[] {
    const seeds = new Map<string, number[]>();
    for (const { seed, violation } of this.violated) {
      const rule = violation?.rule ?? '';
      seeds.set(rule, [...(seeds.get(rule) ?? []), seed]);
    }
    return [...seeds].map(([rule, list]) => `  ${rule}: ${list.length}, seeds ${list.slice(0, 10).join(' ')}`);
  }

  #times(): { hours: string; seconds: string } {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return { hours: (this.#virtualMs / 3_600_000).toFixed(1), seconds: seconds.toFixed(0) };
  }
}
