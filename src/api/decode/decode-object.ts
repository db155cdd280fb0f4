import type { Kind, KindMap } from '../kinds.ts';
import type { FieldProblem } from './problems.ts';

/** An object read from a manifest, or everything that is wrong with it. */
export type DecodedObject =
  | {
      readonly [K in Kind]: {
        readonly ok: true;
        readonly kind: K;
        readonly object: KindMap[K];
        readonly warnings: readonly FieldProblem[];
      };
    }[Kind]
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

export function decodeObject(_raw: unknown): DecodedObject {
  return { ok: false, problems: [{ path: [], message: 'not written yet' }] };
}
