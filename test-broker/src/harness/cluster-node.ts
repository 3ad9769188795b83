// One broker of a cluster: its process, and the proxy through which clients reach it.
import type { KafkaProcess } from './kafka-process.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** While the process is down its proxy refuses, as the broker's own port would. */
export class ClusterNode {
  readonly id: number;
  readonly proxy: TcpProxy;
  /** `host:port` past the proxy: for observers. */
  readonly directAddress: string;
  readonly #process: KafkaProcess;

  constructor(id: number, process: KafkaProcess, proxy: TcpProxy, directAddress: string) {
    this.id = id;
    this.proxy = proxy;
    this.directAddress = directAddress;
    this.#process = process;
  }

  /** Where clients find it: the proxy's `host:port`. */
  get address(): string {
    return this.proxy.address;
  }

  get state(): 'down' | 'running' | 'frozen' {
    return this.#process.state;
  }

  /** Clients get through as soon as its port accepts them; resolves when Kafka says that it has started. */
  async start(): Promise<void> {
    const open = this.proxy.passWhenUpstreamListens();
    await this.#process.start().catch(async (error: unknown) => {
      await this.proxy.set('hangUp'); // ends the waiting for its port
      await this.proxy.set('refuse');
      throw error;
    });
    await open;
  }

  /** SIGTERM: it hands over what it leads first. */
  async stop(): Promise<void> {
    await this.#process.stop();
    await this.proxy.set('refuse');
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await Promise.all([this.#process.kill(), this.proxy.set('refuse')]);
  }

  /** SIGSTOP: connections stay open, nobody answers. */
  freeze(): void {
    this.#process.freeze();
  }

  /** SIGCONT. */
  thaw(): void {
    this.#process.thaw();
  }

  async restart(how: 'stop' | 'kill' = 'stop'): Promise<void> {
    await this[how]();
    await this.start();
  }
}
