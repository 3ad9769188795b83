// Both examples beside a broker: topics, environment, callers of the web service, and what the worker has handled.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createClient } from '@hopwire/client';
import type { Control, Target } from '@hopwire/test-broker/harness';
import { Program } from './program.ts';

export type Language = 'javascript' | 'typescript';

/** What a caller of the web service got. */
export interface Answer {
  /** 0: the connection was refused or closed */
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
}

const EXTENSIONS: Readonly<Record<Language, string>> = { javascript: 'mjs', typescript: 'ts' };

/** A web service, and as many workers as are started. Dispose of it by `await using`. */
export class Shop implements AsyncDisposable {
  readonly #language: Language;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #programs: Program[] = [];

  private constructor(language: Language, folder: string, bootstrap: string) {
    this.#language = language;
    this.#folder = folder;
    this.#env = { KAFKA: bootstrap, HANDLED: join(folder, 'handled.txt'), PORT: '0' };
  }

  static async open(language: Language, target: Target): Promise<Shop> {
    await using kafka = createClient({ brokers: target.bootstrap() });
    await kafka.admin().createTopics([
      { topic: 'orders', partitions: 3 },
      { topic: 'orders.rejected', partitions: 1 },
    ]);
    return new Shop(language, await mkdtemp(join(tmpdir(), 'hopwire-shop-')), target.bootstrap());
  }

  /** The web service, and a function that sends it an order. */
  async webService(): Promise<{ program: Program; order: (body: string) => Promise<Answer> }> {
    const program = this.#start('web-service');
    const [, port = ''] = await program.says(/port: (\d+)/);
    return { program, order: (body) => answerOf(`http://127.0.0.1:${port}/orders`, body) };
  }

  worker(): Program {
    return this.#start('worker');
  }

  /** Ids of the orders that workers have handled, in their order; one that was handled twice is there twice. */
  async handled(): Promise<string[]> {
    const text = await readFile(this.#env.HANDLED ?? '', 'utf8').catch(() => '');
    return text.split('\n').filter((id) => id !== '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs) await program[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #start(name: string): Program {
    const program = new Program(`${this.#language}/${name}.${EXTENSIONS[this.#language]}`, this.#env);
    this.#programs.push(program);
    return program;
  }
}

/** Starting and stopping, of a target that can. */
export function controlOf({ control, kind }: Target): Control {
  if (!control) throw new Error(`${kind} cannot be stopped`);
  return control;
}

async function answerOf(url: string, body: string): Promise<Answer> {
  const begin = performance.now();
  const answer = await fetch(url, { method: 'POST', body })
    .then(async (response) => ({ status: response.status, body: await response.text() }))
    .catch((error: unknown) => ({ status: 0, body: String(error) }));
  return { ...answer, durationMs: performance.now() - begin };
}
