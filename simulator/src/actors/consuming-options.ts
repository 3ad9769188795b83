// What is known of a consumer of a user.

export interface ConsumingOptions {
  readonly name: string;
  /** null: reads without a group. */
  readonly group: string | null;
  readonly commit: 'auto' | 'manual';
  readonly maxProcessingMs: number;
  readonly restlessness: number;
}
