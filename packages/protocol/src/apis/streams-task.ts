// Tasks of a streams group (KIP-1071): a task is one partition of one subtopology.
import type { Part } from './part.ts';

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

const streamsTasks: Part<StreamsTasks> = {
  encode(w, { subtopologyId, partitions }) {
    w.string(subtopologyId);
    w.array(partitions, (partition) => w.int32(partition));
  },
  decode(r) {
    return { subtopologyId: r.string(), partitions: r.array(() => r.int32()) };
  },
};

export const streamsAssignment: Part<StreamsAssignment> = {
  encode(w, { activeTasks, standbyTasks, warmupTasks }) {
    for (const tasks of [activeTasks, standbyTasks, warmupTasks])
      w.structs(tasks, (task) => streamsTasks.encode(w, task));
  },
  decode(r) {
    const tasks = (): StreamsTasks[] => r.structs(() => streamsTasks.decode(r));
    return { activeTasks: tasks(), standbyTasks: tasks(), warmupTasks: tasks() };
  },
};

export const streamsAssignmentChange: Part<StreamsAssignmentChange> = {
  encode(w, { activeTasks, standbyTasks, warmupTasks }) {
    for (const tasks of [activeTasks, standbyTasks, warmupTasks]) {
      w.nullableStructs(tasks, (task) => streamsTasks.encode(w, task));
    }
  },
  decode(r) {
    const tasks = (): StreamsTasks[] | null => r.nullableStructs(() => streamsTasks.decode(r));
    return { activeTasks: tasks(), standbyTasks: tasks(), warmupTasks: tasks() };
  },
};

export const streamsTaskOffset: Part<StreamsTaskOffset> = {
  encode(w, { subtopologyId, partition, offset }) {
    w.string(subtopologyId);
    w.int32(partition);
    w.int64(offset);
  },
  decode(r) {
    return { subtopologyId: r.string(), partition: r.int32(), offset: r.int64() };
  },
};
