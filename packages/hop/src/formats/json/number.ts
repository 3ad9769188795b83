// Numbers as Python writes them.

/** `repr(float)` of Python: shortest digits, exponent form below 1e-4 and from 1e16. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e16) return exponential(value);
  // Here Python and JavaScript write the same digits, but for the `.0` of whole numbers.
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A number made in code: whole ones within the safe range are integers, all else are Python floats. */
export function pythonNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : pythonFloat(value);
}

/** Python gives the exponent two digits at least. */
function exponential(value: number): string {
  const [mantissa, exponent = ''] = value.toExponential().split('e');
  return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}
