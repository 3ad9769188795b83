// Topics of the bench: a fresh one for each round, and the backlog, written when it is first needed.
import { BACKLOG, writeBacklog } from './backlog.mjs';

export class Topics {
  #kafka;
  #admin;
  #made = 0;
  #backlog = null;

  /** @param kafka a client of ours */
  constructor(kafka) {
    this.#kafka = kafka;
    this.#admin = kafka.admin();
  }

  async make({ id, partitions, backlog }) {
    if (backlog) return this.#theBacklog();
    if (!partitions) return null;
    return this.#create(`bench-${id}-${process.pid}-${++this.#made}`, partitions);
  }

  async remove({ partitions }, topic) {
    if (partitions) await this.#admin.deleteTopics([topic]);
  }

  /** The backlog goes at the end. */
  async close() {
    if (this.#backlog) await this.#admin.deleteTopics([await this.#backlog]);
    await this.#kafka.close();
  }

  #theBacklog() {
    this.#backlog ??= this.#create(`bench-backlog-${process.pid}`, BACKLOG.partitions).then(async (topic) => {
      await writeBacklog(this.#kafka, topic);
      return topic;
    });
    return this.#backlog;
  }

  /** Resolves when every partition has a leader: not every client waits for that. */
  async #create(topic, partitions) {
    const outcome = (await this.#admin.createTopics([{ topic, partitions }])).get(topic);
    if (outcome?.error) throw outcome.error;
    for (;;) {
      const described = (await this.#admin.describeTopics([topic])).get(topic);
      if (described?.ok?.partitions.every(({ leaderId }) => leaderId >= 0)) return topic;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
