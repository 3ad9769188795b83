// When the machine did not let this process run. What is late because of that says nothing about the client; what the
// process computed itself meanwhile is not taken off.

const TICK_MS = 5;
/** Timers are never exact. */
const SLACK_MS = 5;
const KEPT_MS = 60_000;

interface Pause {
  readonly from: number;
  readonly to: number;
}

class Pauses {
  #pauses: Pause[] = [];
  #last: number = performance.now();
  #cpu: NodeJS.CpuUsage = process.cpuUsage();

  constructor() {
    setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Milliseconds lost between two times of `performance.now()`. */
  between(from: number, to: number): number {
    this.#tick();
    let sum = 0;
    for (const pause of this.#pauses) sum += Math.max(0, Math.min(to, pause.to) - Math.max(from, pause.from));
    return sum;
  }

  #tick(): void {
    const now = performance.now();
    const cpu = process.cpuUsage();
    const workedMs = (cpu.user - this.#cpu.user + cpu.system - this.#cpu.system) / 1000;
    const lostMs = now - this.#last - TICK_MS - workedMs;
    if (lostMs > SLACK_MS) this.#note({ from: now - lostMs, to: now });
    this.#last = now;
    this.#cpu = cpu;
  }

  #note(pause: Pause): void {
    this.#pauses.push(pause);
    if ((this.#pauses[0]?.to ?? 0) < pause.to - 2 * KEPT_MS) {
      this.#pauses = this.#pauses.filter(({ to }) => to > pause.to - KEPT_MS);
    }
  }
}

export const pauses: Pauses = new Pauses();
