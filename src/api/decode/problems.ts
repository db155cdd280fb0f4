/** What the decoder has to say about a manifest. */

/** Where a value stands in the raw object: field names, keys of maps, positions in lists. */
export type FieldPath = readonly (string | number)[];

/** One thing that is wrong with an object. */
export interface FieldProblem {
  readonly path: FieldPath;
  /** A full sentence in upstream's style that begins with the field: `spec.replicas: Invalid value: -1: must be ...`. */
  readonly message: string;
  /** Class of the problem, for the diagnostics of the scenario layer. */
  readonly code?: FieldProblemCode;
}

/** Classes of problems (`field/errors.go`). */
export type FieldProblemCode =
  | 'required'
  | 'invalid'
  | 'wrong-type'
  | 'not-supported'
  | 'not-found'
  | 'duplicate'
  | 'forbidden'
  | 'too-many'
  | 'too-long'
  | 'unknown-field'
  | 'unknown-kind';
