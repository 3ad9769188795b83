// Which field of a request could not be written. Codecs know their fields by the order of their statements only; so the
// request is written again, and what is read of it last before that fails is the one; or, where a codec reads several
// fields at once, the last one whose value makes a difference.
import { type Api, encodeRequest, ZERO_UUID } from '@hopwire/protocol';
import { given } from '../util/check-options.ts';

/** A field that was read. */
interface Step {
  readonly path: string;
  readonly value: unknown;
}

/** One of each kind: whatever a field takes, and whatever stands there now, some of these are another thing. */
const OTHERS: readonly unknown[] = [null, 1, '', true, 1n, [], Buffer.alloc(0), ZERO_UUID, {}];

/** More fields than these are not read at once. */
const MOST_STEPS = 20;

/**
 * @param error what the first writing threw
 * @returns it, with the path of the field and what stands there; whatever says already what it is about as it is
 */
export function wrongField<Q>(api: Api<Q, unknown>, version: number, body: Q, error: unknown): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  const steps: Step[] = [];
  const said = messageOf(api, version, watched(body, '', steps, null));
  const recent = steps.slice(-MOST_STEPS).reverse();
  const matters = ({ path }: Step): boolean => {
    return OTHERS.some((value) => messageOf(api, version, watched(body, '', [], { path, value })) !== said);
  };
  const Kind = error instanceof TypeError ? TypeError : RangeError;
  const why = explained(recent.find(matters) ?? recent[0] ?? { path: '', value: body }, error);
  return new Kind(`request ${api.name} v${version}: ${why}`, { cause: error });
}

function messageOf<Q>(api: Api<Q, unknown>, version: number, body: Q): string | null {
  try {
    encodeRequest(api, version, body);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

function explained({ path, value }: Step, error: Error): string {
  if (path === '') return `its body must be an object with the fields of the API, not ${given(value)}`;
  // Some messages are the engine's, about our variables.
  const isOurs = /required|is no |at most|not well-formed|not a UUID|must be >=/.test(error.message);
  return isOurs ? `${path}: ${error.message}` : `${path} cannot be ${given(value)}`;
}

/** The same value; what is read of it is noted. Bytes, dates and the like are no structs, and stay what they are. */
function watched<T>(value: T, path: string, steps: Step[], swap: Step | null): T {
  if (typeof value !== 'object' || value === null || !isStruct(value)) return value;
  const shell: unknown = Array.isArray(value) ? [] : {};
  const isList = Array.isArray(value);
  return new Proxy(shell as T & object, {
    get(_shell, name) {
      const field: unknown = Reflect.get(value, name);
      if (typeof name === 'symbol' || name === 'constructor' || (isList && !/^\d+$/.test(name))) return field;
      const at = isList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
      steps.push({ path: at, value: field });
      return at === swap?.path ? swap.value : watched(field, at, steps, swap);
    },
    has: (_shell, name) => Reflect.has(value, name),
    ownKeys: (own) => (isList ? Reflect.ownKeys(own) : Reflect.ownKeys(value)),
    getOwnPropertyDescriptor(own, name) {
      const found = Reflect.getOwnPropertyDescriptor(isList ? own : value, name);
      return found && !isList ? { ...found, configurable: true } : found;
    },
  });
}

function isStruct(value: object): boolean {
  return !(ArrayBuffer.isView(value) || value instanceof Date || value instanceof Map || value instanceof Set);
}
