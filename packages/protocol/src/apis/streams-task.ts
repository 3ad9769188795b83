// Tasks of a streams group (KIP-1071): a task is one partition of one subtopology.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** Tasks of one subtopology. */
export interface StreamsTasks {
  subtopologyId: string;
  partitions: number[];
}

/** Which tasks a member has, by how it has them. */
export interface StreamsAssignment {
  activeTasks: StreamsTasks[];
  standbyTasks: StreamsTasks[];
  warmupTasks: StreamsTasks[];
}

/** The same where null means: as before. */
export type StreamsAssignmentChange = { [Field in keyof StreamsAssignment]: StreamsAssignment[Field] | null };

/** How far a task has come in its changelogs, all of them added up. */
export interface StreamsTaskOffset {
  subtopologyId: string;
  partition: number;
  offset: bigint;
}

export function encodeStreamsAssignment(w: Writer, assignment: StreamsAssignment): void {
  w.structs(assignment.activeTasks, (tasks) => encodeTasks(w, tasks));
  w.structs(assignment.standbyTasks, (tasks) => encodeTasks(w, tasks));
  w.structs(assignment.warmupTasks, (tasks) => encodeTasks(w, tasks));
}

export function encodeStreamsAssignmentChange(w: Writer, change: StreamsAssignmentChange): void {
  w.nullableStructs(change.activeTasks, (tasks) => encodeTasks(w, tasks));
  w.nullableStructs(change.standbyTasks, (tasks) => encodeTasks(w, tasks));
  w.nullableStructs(change.warmupTasks, (tasks) => encodeTasks(w, tasks));
}

function encodeTasks(w: Writer, tasks: StreamsTasks): void {
  w.string(tasks.subtopologyId);
  w.array(tasks.partitions, (partition) => w.int32(partition));
}

export function decodeStreamsAssignment(r: Reader): StreamsAssignment {
  return {
    activeTasks: r.structs(() => decodeTasks(r)),
    standbyTasks: r.structs(() => decodeTasks(r)),
    warmupTasks: r.structs(() => decodeTasks(r)),
  };
}

export function decodeStreamsAssignmentChange(r: Reader): StreamsAssignmentChange {
  return {
    activeTasks: r.nullableStructs(() => decodeTasks(r)),
    standbyTasks: r.nullableStructs(() => decodeTasks(r)),
    warmupTasks: r.nullableStructs(() => decodeTasks(r)),
  };
}

function decodeTasks(r: Reader): StreamsTasks {
  return { subtopologyId: r.string(), partitions: r.array(() => r.int32()) };
}

export function encodeStreamsTaskOffset(w: Writer, task: StreamsTaskOffset): void {
  w.string(task.subtopologyId);
  w.int32(task.partition);
  w.int64(task.offset);
}

export function decodeStreamsTaskOffset(r: Reader): StreamsTaskOffset {
  return { subtopologyId: r.string(), partition: r.int32(), offset: r.int64() };
}
