// Models by the name that `_format` and `hop publish -f` use.
import { Blob } from './blob.ts';
import { GCNCircular } from './gcn-circular.ts';
import { GCNTextNotice } from './gcn-text-notice.ts';
import { JSONBlob } from './json-blob.ts';
import type { ModelClass } from './model.ts';
import { VOEvent } from './voevent.ts';

/** Model classes by upper-case format name, in the order help shows them. */
export const models: ReadonlyMap<string, ModelClass> = new Map<string, ModelClass>([
  ['VOEVENT', VOEvent],
  ['GCNTEXTNOTICE', GCNTextNotice],
  ['CIRCULAR', GCNCircular],
  ['BLOB', Blob],
  ['JSON', JSONBlob],
]);

/** The model of a format name in any case. */
export function modelNamed(name: string): ModelClass | undefined {
  return models.get(name.toUpperCase());
}
