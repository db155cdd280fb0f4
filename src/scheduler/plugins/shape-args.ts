/** Shapes of score functions in the args of plugins. */
import type { FieldReader } from '../../api/decode/field-reader.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';
import { invalidArg } from './read-args.ts';
import { shapeScoreMax, utilizationMax } from './shape-score.ts';
import type { ShapePoint } from './shape-score.ts';

/** One corner of a shape. */
export function readShapePoint(reader: FieldReader): ShapePoint {
  reader.warnUnknown(new Set(['utilization', 'score']));
  const anything = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  return { utilization: reader.integer('utilization', 0, anything), score: reader.integer('score', 0, anything) };
}

/** What is wrong with a shape (upstream `validateFunctionShape`). */
export function shapeProblems(shape: readonly ShapePoint[], path: ArgsProblem['path']): ArgsProblem[] {
  if (shape.length === 0) return [{ path, message: 'Required value: at least one point must be specified' }];
  const problems: ArgsProblem[] = [];
  const range = (what: number, max: number): boolean => what >= 0 && what <= max;
  const unsorted = shape.findIndex(({ utilization }, at) => at > 0 && utilization <= shape[at - 1]!.utilization);
  if (unsorted >= 0) {
    const detail = 'values must be sorted in increasing order';
    problems.push(invalidArg([...path, unsorted, 'utilization'], shape[unsorted]!.utilization, detail));
  }
  for (const [at, { utilization, score }] of shape.entries()) {
    if (!range(utilization, utilizationMax)) {
      problems.push(invalidArg([...path, at, 'utilization'], utilization, 'not in valid range [0, 100]'));
    }
    if (!range(score, shapeScoreMax)) {
      problems.push(invalidArg([...path, at, 'score'], score, 'not in valid range [0, 10]'));
    }
  }
  return problems;
}
