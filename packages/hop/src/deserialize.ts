// From a record to a message, by its label, else by its content.
import { DecodeError, type HopError, reasonOf } from './errors.ts';
import { decodeUtf8 } from './formats/text.ts';
import { headerNamed, receivedFrom } from './headers.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { RawRecord } from './metadata.ts';
import { Blob } from './models/blob.ts';
import { JSONBlob } from './models/json-blob.ts';
import type { MessageModel } from './models/model.ts';
import { modelNamed } from './models/registry.ts';

interface Decoded {
  message: MessageModel;
  format: string;
  error?: HopError;
}

/** Decodes a record. Never throws: what cannot be decoded is a Blob of its body with `received.error`. */
export function deserialize(record: RawRecord, logger: Logger = silentLogger): MessageModel {
  const { value, ...metadata } = record;
  const { message, format, error } = decode(record, logger);
  message.received = {
    ...metadata,
    raw: value,
    ...receivedFrom(record.headers),
    format: format.toUpperCase(),
    ...(error ? { error } : {}),
  };
  return message;
}

function decode(record: RawRecord, logger: Logger): Decoded {
  if (record.value === null) return blob(null);
  const label = headerNamed(record.headers, '_format');
  if (label === undefined) return unlabelled(record.value, record, logger);
  const name = label === null ? undefined : decodeUtf8(label);
  const model = name ? modelNamed(name) : undefined;
  if (!model || !name) {
    logger.warn(`${placeOf(record)}: unknown format ${JSON.stringify(name ?? null)}; taken as a blob`);
    return blob(record.value);
  }
  return attempt(record.value, model.formatName, record, (bytes) => model.deserialize(bytes));
}

function unlabelled(value: Buffer, record: RawRecord, logger: Logger): Decoded {
  const json = tryJson(value);
  if (!json) {
    logger.info(`${placeOf(record)}: no format label and no JSON; taken as a blob`);
    return blob(value);
  }
  const { content } = json;
  const isEnvelope = typeof content === 'object' && content !== null && 'format' in content && 'content' in content;
  return isEnvelope ? legacy(content, value, record, logger) : { message: json, format: JSONBlob.formatName };
}

/** Releases 0.1 to 0.5: the body is `{"format": name, "content": value}`. */
function legacy(
  envelope: { format: unknown; content: unknown },
  value: Buffer,
  record: RawRecord,
  logger: Logger,
): Decoded {
  const { format, content } = envelope;
  if (typeof format !== 'string') {
    return undecodable(value, new DecodeError('the format of a legacy message is no text', placeIn(record)));
  }
  if (format.toLowerCase() === 'blob') return { message: new JSONBlob(content), format: JSONBlob.formatName };
  const model = modelNamed(format);
  if (!model) {
    logger.warn(`${placeOf(record)}: unknown format ${JSON.stringify(format)}; taken as a blob`);
    return blob(value);
  }
  const members = new JSONBlob(content);
  return attempt(value, model.formatName, record, () => model.deserialize(members.toBytes()));
}

function attempt(value: Buffer, format: string, record: RawRecord, read: (bytes: Buffer) => MessageModel): Decoded {
  try {
    return { message: read(value), format };
  } catch (cause) {
    return { ...undecodable(value, new DecodeError(reasonOf(cause), { cause, ...placeIn(record) })), format };
  }
}

function tryJson(value: Buffer): JSONBlob | undefined {
  const text = decodeUtf8(value);
  if (text === undefined) return undefined;
  try {
    return JSONBlob.load(text);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function blob(value: Buffer | null): Decoded {
  return { message: new Blob(value), format: Blob.formatName };
}

function undecodable(value: Buffer, error: HopError): Decoded {
  return { ...blob(value), error };
}

function placeIn({ topic, partition, offset }: RawRecord): { topic: string; partition: number; offset: bigint } {
  return { topic, partition, offset };
}

function placeOf({ topic, partition, offset }: RawRecord): string {
  return `${topic}[${partition}]@${offset}`;
}
