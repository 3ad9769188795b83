// Runs cells, many worlds side by side; what looks bad then is looked at again among few.
import { type Cell, type Sample, trial } from './trial.ts';

const REPEATED_AT_ONCE = 4;

export class Runner {
  readonly results: Map<Cell, Sample> = new Map();
  /** Under way now. */
  readonly running: Set<Cell> = new Set();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void = () => undefined) {
    this.#say = say;
  }

  async run(cells: readonly Cell[], atOnce: number): Promise<void> {
    await this.#all([...cells], atOnce);
    const suspects = cells.filter((cell) => this.faultsOf(cell).length > 0);
    this.#say(`${suspects.length} are repeated with less company`);
    await this.#all(suspects, REPEATED_AT_ONCE);
  }

  faultsOf(cell: Cell): readonly string[] {
    return this.results.get(cell)?.faults ?? ['it was not tried'];
  }

  async #all(waiting: Cell[], atOnce: number): Promise<void> {
    const worker = async (): Promise<void> => {
      for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
        this.results.set(cell, await this.#sampleOf(cell));
        if (waiting.length % 200 === 0) this.#say(`${waiting.length} left`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  async #sampleOf(cell: Cell): Promise<Sample> {
    this.running.add(cell);
    try {
      return await trial(cell);
    } catch (error) {
      return { faults: [`the trial failed: ${String(error)}`], requests: 0, pastMs: 0, recoveryMs: 0, outcomes: [] };
    } finally {
      this.running.delete(cell);
    }
  }
}
