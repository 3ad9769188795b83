// What the client under test does all the time: names and sizes that both processes know.

export interface SoakTopic {
  readonly topic: string;
  readonly partitions: number;
}

/** Records go to the partition of their key. */
export const KEYED: SoakTopic = { topic: 'soak-keyed', partitions: 6 };
/** Records name their partition; the lane of a partition is their key. */
export const LANES: SoakTopic = { topic: 'soak-lanes', partitions: 6 };
/** For clients that start during the soak. */
export const NEWCOMERS: SoakTopic = { topic: 'soak-newcomers', partitions: 1 };

/** Read by everybody, and measured. */
export const TOPICS: readonly SoakTopic[] = [KEYED, LANES];

/** Groups by name, with the number of their members. The manual reader has no group. */
export const GROUPS: Readonly<Record<string, number>> = { 'soak-first': 3, 'soak-second': 2 };
export const MANUAL = 'manual';
/** Everybody who has to get every record. */
export const READERS: readonly string[] = [...Object.keys(GROUPS), MANUAL];

export const KEYED_PRODUCERS: readonly string[] = ['a', 'b'];
export const LANE_PRODUCER = 'c';
export const KEYS = 24;
const VALUE_BYTES = 120;

/** A record's name says who sent it, under which key, and as the how-manieth: `a/k3/17`. */
export function idOf(producer: string, key: string, sequence: number): string {
  return `${producer}/${key}/${sequence}`;
}

export function valueFor(id: string): string {
  return id.padEnd(VALUE_BYTES, '.');
}

export function idIn(value: string): string {
  let end = value.length;
  while (value.charAt(end - 1) === '.') end--;
  return value.slice(0, end);
}

/** `a/k3/17` -> [`a/k3`, 17]. Within the first the second ascends. */
export function laneOf(id: string): readonly [lane: string, sequence: number] {
  const slash = id.lastIndexOf('/');
  return [id.slice(0, slash), Number(id.slice(slash + 1))];
}

export const nameOf = (topic: string, partition: number): string => `${topic}[${partition}]`;
