// Confluent's Kafka image by testcontainers, which is an optional peer and imported only here.
//
// Unrun: the machines hopwire is tested on have no Docker daemon; this file is type-checked and nothing more.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Listener, type Target, TargetError } from './target.ts';

const IMAGE = 'confluentinc/cp-kafka:8.0.0';
const PORT = 9093;

/** Docker counts as available only when its daemon answers. */
export async function hasDocker(): Promise<boolean> {
  return promisify(execFile)('docker', ['info']).then(
    () => true,
    () => false,
  );
}

export async function startDocker(): Promise<Target> {
  const { KafkaContainer } = await import('@testcontainers/kafka');
  const container = await new KafkaContainer(IMAGE).withKraft().start();
  const close = async (): Promise<void> => {
    await container.stop();
  };
  return {
    kind: 'docker',
    version: IMAGE,
    capabilities: new Set(),
    certificates: null,
    control: null,
    listener: 'plaintext',
    bootstrap: (listener: Listener = 'plaintext') => {
      if (listener !== 'plaintext')
        throw new TargetError(`the container has only a plaintext listener, not ${listener}`);
      return `${container.getHost()}:${container.getMappedPort(PORT)}`;
    },
    tool: (mainClass) => {
      throw new TargetError(`${mainClass} is a class of Kafka's jars: only a jvm target runs it`);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
