// CRC-32C (Castagnoli, RFC 3720): the checksum of record batches. `zlib.crc32` is the other polynomial.
//
// 16 bytes a step ("slicing-by-16"): still one look-up per byte, but those of one step do not wait for each other.
// The tables are constants of the module, each of 256 entries, because V8 then drops the bounds checks: in one array
// of 4096, or handed in as a parameter, the same loop runs at half the speed.
import { crcTable, nextTable } from './crc-table.ts';

const t0: Int32Array = /* @__PURE__ */ crcTable(0x82f63b78);
const t1: Int32Array = /* @__PURE__ */ nextTable(t0, t0);
const t2: Int32Array = /* @__PURE__ */ nextTable(t0, t1);
const t3: Int32Array = /* @__PURE__ */ nextTable(t0, t2);
const t4: Int32Array = /* @__PURE__ */ nextTable(t0, t3);
const t5: Int32Array = /* @__PURE__ */ nextTable(t0, t4);
const t6: Int32Array = /* @__PURE__ */ nextTable(t0, t5);
const t7: Int32Array = /* @__PURE__ */ nextTable(t0, t6);
const t8: Int32Array = /* @__PURE__ */ nextTable(t0, t7);
const t9: Int32Array = /* @__PURE__ */ nextTable(t0, t8);
const t10: Int32Array = /* @__PURE__ */ nextTable(t0, t9);
const t11: Int32Array = /* @__PURE__ */ nextTable(t0, t10);
const t12: Int32Array = /* @__PURE__ */ nextTable(t0, t11);
const t13: Int32Array = /* @__PURE__ */ nextTable(t0, t12);
const t14: Int32Array = /* @__PURE__ */ nextTable(t0, t13);
const t15: Int32Array = /* @__PURE__ */ nextTable(t0, t14);

/** Words are read in the machine's order; where that is big-endian, everything goes byte by byte. */
const isLittleEndian: boolean = /* @__PURE__ */ new Uint8Array(/* @__PURE__ */ new Uint16Array([1]).buffer)[0] === 1;
/** Below this, making the view of words costs more than it saves. */
const LONG = 64;

/** CRC-32C of a range of bytes, unsigned. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  if (end - start < LONG || !isLittleEndian) return (byBytes(-1, bytes, start, end) ^ -1) >>> 0;
  const aligned = start + (-(bytes.byteOffset + start) & 3);
  const steps = (end - aligned) >> 4;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, 4 * steps);
  const crc = byWords(byBytes(-1, bytes, start, aligned), words);
  return (byBytes(crc, bytes, aligned + 16 * steps, end) ^ -1) >>> 0;
}

// The casts below only say that an index within bounds is not undefined.

function byBytes(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let c = crc;
  for (let at = start; at < end; at++) c = (c >>> 8) ^ (t0[(c ^ (bytes[at] as number)) & 0xff] as number);
  return c;
}

function byWords(crc: number, words: Int32Array): number {
  let a = crc;
  for (let i = 0; i < words.length; i += 4) {
    a ^= words[i] as number;
    const b = words[i + 1] as number;
    const c = words[i + 2] as number;
    const d = words[i + 3] as number;
    a =
      (t15[a & 255] as number) ^
      (t14[(a >>> 8) & 255] as number) ^
      (t13[(a >>> 16) & 255] as number) ^
      (t12[a >>> 24] as number) ^
      (t11[b & 255] as number) ^
      (t10[(b >>> 8) & 255] as number) ^
      (t9[(b >>> 16) & 255] as number) ^
      (t8[b >>> 24] as number) ^
      (t7[c & 255] as number) ^
      (t6[(c >>> 8) & 255] as number) ^
      (t5[(c >>> 16) & 255] as number) ^
      (t4[c >>> 24] as number) ^
      (t3[d & 255] as number) ^
      (t2[(d >>> 8) & 255] as number) ^
      (t1[(d >>> 16) & 255] as number) ^
      (t0[d >>> 24] as number);
  }
  return a;
}
