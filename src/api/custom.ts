import type { ApiObject } from './meta-v1.ts';

/** An object of a kind that the simulator stores but does not act on; its body is kept as written. */
export interface CustomObject extends ApiObject {
  readonly body: Readonly<Record<string, unknown>>;
}
