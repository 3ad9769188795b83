// Records for those who only need some.
import { BatchBuilder, MessageSetBuilder, type SealOptions } from '@hopwire/protocol';

/** A batch of magic 2 with one record. */
export function oneBatch(options: SealOptions = {}): Buffer {
  const builder = new BatchBuilder();
  builder.append(1_700_000_000_000, 'key', 'value', [['header', 'h']]);
  return builder.seal(options);
}

/** A message set with one message. Magic 0 has no timestamps. */
export function oneMessage(magic: 0 | 1): Buffer {
  const builder = new MessageSetBuilder({ magic });
  builder.append(1_700_000_000_000, 'key', 'value');
  return builder.seal();
}
