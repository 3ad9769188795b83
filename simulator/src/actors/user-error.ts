// What the code of users throws, and how errors are told in the trace.

export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** A hook threw: the consumer is of no use any more. */
export class HookError extends UserError {
  override readonly name: string = 'HookError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name} ${error.message}` : String(error);
}
