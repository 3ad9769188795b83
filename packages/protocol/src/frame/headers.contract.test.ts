// Headers against Kafka's own definitions of them, for every version of every API.
import { describe, expect, it } from 'vitest';
import { type AnyApi, isFlexible } from '../api.ts';
import { apis } from '../apis/index.ts';
import { isIn, spanOf } from '../testing/kafka/definition.ts';
import { encodeByLayout } from '../testing/kafka/encode.ts';
import { jarsMissing, overJars, RELEASES } from '../testing/kafka/jars.ts';
import { type Fields, layoutOf } from '../testing/kafka/layout.ts';
import { extent, Message, releases } from '../testing/kafka/messages.ts';
import { randomMessage } from '../testing/kafka/random-message.ts';
import { unequal } from '../testing/kafka/unequal.ts';
import { Random } from '../testing/random.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';
import {
  decodeRequestHeaderRest,
  decodeRequestPrefix,
  encodeRequestHeader,
  encodeResponseHeader,
  skipResponseHeaderRest,
} from './headers.ts';

const SAMPLES = 20;

interface Sample {
  readonly header: Fields;
  readonly strict: Buffer;
  readonly loose: Buffer;
}

/** Headers of one version as Kafka defines them. */
function samples(definition: 'RequestHeader' | 'ResponseHeader', headerVersion: number, fixed: Fields): Sample[] {
  const layout = layoutOf(defined(definition), headerVersion);
  return Array.from({ length: SAMPLES }, (_, i) => {
    const random = new Random(extent.seed, `${definition} v${headerVersion} #${i}`);
    const header = { ...randomMessage(layout, random), ...fixed };
    return { header, strict: encodeByLayout(layout, header), loose: encodeByLayout(layout, header, random) };
  });
}

function defined(name: string): NonNullable<ReturnType<Message['definition']>> {
  const found = releases[0]?.get(name);
  if (!found) throw new RangeError(`the newest release has no ${name}`);
  return found;
}

/** Does Kafka say that this version is flexible? */
function isDefinedFlexible(api: AnyApi, version: number): boolean {
  return isIn(version, spanOf(Message.of(api, 'request').definition(version)?.flexibleVersions));
}

function readRequestHeader(bytes: Buffer, flexible: boolean): Fields {
  const r = new Reader(bytes);
  const { apiKey: requestApiKey, apiVersion: requestApiVersion, correlationId } = decodeRequestPrefix(r);
  const clientId = decodeRequestHeaderRest(r, flexible);
  r.finish('request header');
  return { requestApiKey, requestApiVersion, correlationId, clientId };
}

function readResponseHeader(bytes: Buffer, api: AnyApi, version: number): Fields {
  const r = new Reader(bytes);
  const correlationId = r.int32();
  skipResponseHeaderRest(r, api, version);
  r.finish('response header');
  return { correlationId };
}

function written(write: (w: Writer) => void): string {
  const w = new Writer();
  write(w);
  return w.toBuffer().toString('hex');
}

function versionsOf({ versions: [first, last] }: AnyApi): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

describe.skipIf(jarsMissing)(overJars(`The headers of Kafka ${RELEASES.join(', ')}`), () => {
  it.each(apis)('are read and written as defined, the request header of each version: $name', (api) => {
    for (const version of versionsOf(api)) {
      const headerVersion = isDefinedFlexible(api, version) ? 2 : 1;
      const fixed = { requestApiKey: api.key, requestApiVersion: version };
      for (const { header, strict, loose } of samples('RequestHeader', headerVersion, fixed)) {
        for (const bytes of [strict, loose]) {
          expect(unequal(readRequestHeader(bytes, isFlexible(api, version)), header), `v${version}`).toEqual([]);
        }
        const [correlationId, clientId] = [header.correlationId as number, header.clientId as string | null];
        const ours = written((w) => encodeRequestHeader(w, api, { apiVersion: version, correlationId, clientId }));
        expect(ours, `v${version}`).toBe(strict.toString('hex'));
      }
    }
  });

  it.each(apis)('are read and written as defined, the response header of each version: $name', (api) => {
    for (const version of versionsOf(api)) {
      // KIP-511: whoever reads an answer to ApiVersions does not know yet what the broker speaks.
      const headerVersion = isDefinedFlexible(api, version) && api.name !== 'ApiVersions' ? 1 : 0;
      for (const { header, strict, loose } of samples('ResponseHeader', headerVersion, {})) {
        for (const bytes of [strict, loose]) {
          expect(unequal(readResponseHeader(bytes, api, version), header), `v${version}`).toEqual([]);
        }
        const ours = written((w) => encodeResponseHeader(w, api, version, header.correlationId as number));
        expect(ours, `v${version}`).toBe(strict.toString('hex'));
      }
    }
  });
});
