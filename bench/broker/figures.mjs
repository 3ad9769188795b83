// Numbers: medians and percentiles, and how they are written.

export const sorted = (values) => Float64Array.from(values).sort();

export function median(values) {
  const all = sorted(values);
  return all.length % 2 === 1 ? all[all.length >> 1] : (all[all.length / 2 - 1] + all[all.length / 2]) / 2;
}

/** @param share 0.5, 0.99, ... */
export function percentile(values, share) {
  const all = sorted(values);
  return all[Math.min(all.length - 1, Math.floor(all.length * share))];
}

const rates = [
  [1e6, 'M', 2],
  [1e3, 'k', 1],
  [1, '', 0],
];

export function rateText(value) {
  const [unit, name, digits] = rates.find(([size]) => value >= size) ?? rates[2];
  return `${(value / unit).toFixed(digits)}${name ? ` ${name}` : ''}`;
}

export const millisecondsText = (value) => value.toFixed(value < 10 ? 2 : 1);

export const textOf = (figure, value) => (figure.unit === 'ms' ? millisecondsText(value) : rateText(value));
