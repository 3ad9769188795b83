// The messages that Kafka's definitions have for the APIs of this package: which definition is right for a version, and
// how a codec is measured against it.
import type { AnyApi } from '../../api.ts';
import { decodeBody, encodeBody } from '../direction.ts';
import { Random } from '../random.ts';
import type { Direction } from '../sample-reader.ts';
import { type Definition, isIn, spanOf } from './definition.ts';
import { encodeByLayout } from './encode.ts';
import { inMemory } from './in-memory.ts';
import { definitionsOf, RELEASES } from './jars.ts';
import { type Fields, layoutOf } from './layout.ts';
import { randomMessage } from './random-message.ts';
import { unequal } from './unequal.ts';

/** All releases, the newest first. */
export const releases: readonly ReadonlyMap<string, Definition>[] = RELEASES.map(definitionsOf);

/** The definitions of a message that are right for one of its versions, the newest first. */
export class Message {
  readonly versions: readonly number[];
  readonly definitions: readonly Definition[];

  /** @param is a message is told by key and direction rather than by its name, which may have changed */
  constructor(is: (definition: Definition) => boolean, versions: readonly number[]) {
    const all = releases.flatMap((release) => [...release.values()]).filter(is);
    this.versions = versions;
    this.definitions = all.filter((one) => versions.some((version) => definitionOf(all, version) === one));
  }

  static of(api: AnyApi, direction: Direction): Message {
    const [first, last] = api.versions;
    const versions = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    return new Message(({ apiKey, type }) => apiKey === api.key && type === direction, versions);
  }

  /** Versions that no release defines. */
  get undefined(): readonly number[] {
    return this.versions.filter((version) => !this.definition(version));
  }

  definition(version: number): Definition | undefined {
    return definitionOf(this.definitions, version);
  }

  /** Random messages of every version, the same ones for the same seed and name. */
  *samples(name: string, { seed, messages }: Extent): Iterable<Sample> {
    const memory = inMemory(this.definitions);
    for (const version of this.versions) {
      const definition = this.definition(version);
      for (let i = 0; definition && i < messages; i++) {
        yield sampleOf(definition, version, memory, `${name} v${version} #${i}`, seed);
      }
    }
  }
}

function definitionOf(definitions: readonly Definition[], version: number): Definition | undefined {
  return definitions.find(({ validVersions }) => isIn(version, spanOf(validVersions)));
}

export interface Extent {
  readonly seed: number;
  /** Messages for each version. */
  readonly messages: number;
}

/** From the environment, so that a fault can be looked for with other messages and comes again with its seed. */
export const extent: Extent = {
  seed: Number(process.env.HOP_TEST_SEED ?? 20_260_921),
  messages: Number(process.env.HOP_TEST_MESSAGES ?? 60),
};

export interface Sample {
  readonly name: string;
  readonly version: number;
  readonly inMemory: Fields;
  /** As Kafka writes it. */
  readonly strict: Buffer;
  /** As it may be written too: default values in tags, and tags that nobody knows. */
  readonly loose: Buffer;
}

function sampleOf(
  definition: Definition,
  version: number,
  memory: (version: number, message: Fields) => Fields,
  name: string,
  seed: number,
): Sample {
  const layout = layoutOf(definition, version);
  const random = new Random(seed, name);
  const message = randomMessage(layout, random);
  const strict = encodeByLayout(layout, message);
  return { name, version, inMemory: memory(version, message), strict, loose: encodeByLayout(layout, message, random) };
}

/** The two functions of a codec, for one version. */
export interface Codec {
  readonly read: (bytes: Buffer, version: number) => unknown;
  readonly write: (message: never, version: number) => Buffer;
}

export function codecOf(api: AnyApi, direction: Direction): Codec {
  return {
    read: (bytes, version) => decodeBody(api, direction, version, bytes),
    write: (message, version) => encodeBody(api, direction, version, message),
  };
}

/** What a codec makes of a sample that it should not. */
export function disagreements(codec: Codec, { name, version, inMemory, strict, loose }: Sample): string[] {
  const read = attempt(strict, () => unequal(codec.read(strict, version), inMemory));
  const leniently = attempt(loose, () => unequal(codec.read(loose, version), inMemory));
  const written = attempt(strict, () => otherBytes(codec.write(inMemory as never, version), strict));
  const said = [...read.map((path) => `read ${path}`), ...leniently.map((path) => `read loosely ${path}`), ...written];
  return said.map((difference) => `${name}: ${difference}`);
}

function attempt(bytes: Buffer, find: () => string[]): string[] {
  try {
    return find();
  } catch (error) {
    return [`${error} at ${bytes.toString('hex', 0, 100)}`];
  }
}

function otherBytes(ours: Buffer, theirs: Buffer): string[] {
  if (ours.equals(theirs)) return [];
  const first = theirs.findIndex((byte, i) => byte !== ours[i]);
  const at = first < 0 ? theirs.length : first;
  const part = (bytes: Buffer): string => bytes.toString('hex', Math.max(0, at - 8), at + 16);
  return [`written at byte ${at} of ${theirs.length} (ours ${ours.length}): ${part(ours)}, not ${part(theirs)}`];
}
