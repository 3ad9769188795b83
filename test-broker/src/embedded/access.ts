// Who may not do what. Everything is allowed except what a test denies: ACLs reduced to what clients can tell apart.

/** Denied names for everybody, or by user. The user of a connection without login is `ANONYMOUS`. */
export type Denials = readonly string[] | Readonly<Record<string, readonly string[]>>;

export interface AccessOptions {
  readonly denyTopics: Denials;
  readonly denyGroups: Denials;
}

/** Answers the two questions handlers ask. */
export class Access {
  denyTopics: Denials;
  denyGroups: Denials;

  constructor(options: AccessOptions) {
    this.denyTopics = options.denyTopics;
    this.denyGroups = options.denyGroups;
  }

  allowsTopic(user: string, topic: string): boolean {
    return !isDenied(this.denyTopics, user, topic);
  }

  allowsGroup(user: string, group: string): boolean {
    return !isDenied(this.denyGroups, user, group);
  }
}

function isDenied(denials: Denials, user: string, name: string): boolean {
  return (isList(denials) ? denials : (denials[user] ?? [])).includes(name);
}

function isList(denials: Denials): denials is readonly string[] {
  return Array.isArray(denials);
}
