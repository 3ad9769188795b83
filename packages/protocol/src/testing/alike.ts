// Compares what a decoder made with what a vector says, field by field. The vectors write a message as Kafka's
// definitions do; bytes, UUIDs and large integers have a notation of their own.

/** Up to this version, the fields of the list's only element stand in the body itself. */
const HOISTED: Readonly<Record<string, readonly [lastVersion: number, list: string]>> = {
  FindCoordinator: [3, 'coordinators'],
  OffsetFetch: [7, 'groups'],
  LeaveGroup: [2, 'members'],
};

/** A body in the shape its version has on the wire, where that is not the shape in memory. */
export function hoisted(api: string, version: number, body: unknown): unknown {
  const [lastVersion, list] = HOISTED[api] ?? [-1, ''];
  if (version > lastVersion) return body;
  const fields = body as Record<string, unknown>;
  if (Array.isArray(fields.coordinatorKeys)) return { ...fields, key: fields.coordinatorKeys[0] };
  const elements = fields[list];
  // An answer to LeaveGroup has no members before v3: nothing to hoist.
  return Array.isArray(elements) ? { ...fields, ...elements[0] } : fields;
}

/** Paths at which `ours` does not say what a vector says. */
export function differences(theirs: unknown, ours: unknown): string[] {
  return [...differ('', ours, theirs)];
}

function* differ(path: string, ours: unknown, theirs: unknown): Iterable<string> {
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours) || ours.length !== theirs.length) yield `${path}: another number of elements`;
    else for (const [i, item] of theirs.entries()) yield* differ(`${path}[${i}]`, ours[i], item);
  } else if (typeof theirs === 'object' && theirs !== null && !(ours instanceof Uint8Array)) {
    for (const [name, value] of Object.entries(theirs)) {
      // Vectors keep tags they do not know; ours are skipped.
      if (name !== '_unknownTags') yield* differ(`${path}.${name}`, (ours as Record<string, unknown>)[name], value);
    }
  } else if (!isAlike(ours, theirs)) {
    yield `${path}: ${String(ours)} instead of ${JSON.stringify(theirs)}`;
  }
}

function isAlike(ours: unknown, theirs: unknown): boolean {
  if (typeof ours === 'bigint') return String(ours) === String(theirs);
  if (ours instanceof Uint8Array) return Buffer.from(ours).equals(bytesOf(theirs));
  if (ours === theirs) return true;
  return typeof ours === 'string' && typeof theirs === 'string' && isSameUuid(ours, theirs);
}

function bytesOf(notation: unknown): Buffer {
  const { utf8, hex } = notation as { utf8?: string; hex?: string };
  return utf8 === undefined ? Buffer.from(hex ?? '', 'hex') : Buffer.from(utf8);
}

function isSameUuid(ours: string, theirs: string): boolean {
  return Buffer.from(ours, 'base64url').toString('hex') === theirs.replaceAll('-', '');
}
