// What bytes are said to be.
import type { AnyApi } from '../api.ts';

/** Request frames say themselves which API and version they are; responses do not. */
export type Explained =
  | { readonly part: 'request frames' }
  | { readonly part: 'response frames' | 'request' | 'response'; readonly api: AnyApi; readonly version: number }
  | { readonly part: 'records' };
