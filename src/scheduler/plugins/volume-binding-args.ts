/** VolumeBindingArgs (`ps/apis/config/v1/defaults.go`, `validation/validation_pluginargs.go`). */
import type { ArgsProblem } from '../framework/define-plugin.ts';
import { invalidArg, readPluginArgs } from './read-args.ts';
import { readShapePoint, shapeProblems } from './shape-args.ts';
import type { ShapePoint } from './shape-score.ts';

/** Args of VolumeBinding, complete with defaults. */
export interface VolumeBindingArgs {
  /** How long a pod's volumes may take to be bound. */
  readonly bindTimeoutSeconds: number;
  /** Score by the used part of the storage, in percent. */
  readonly shape: readonly ShapePoint[];
}

/** The emptier the better. */
export const defaultVolumeBindingArgs: VolumeBindingArgs = {
  bindTimeoutSeconds: 600,
  shape: [
    { utilization: 0, score: 10 },
    { utilization: 100, score: 0 },
  ],
};

/** Reads the args as a user wrote them. */
export function readVolumeBindingArgs(given: unknown, problems: ArgsProblem[]): VolumeBindingArgs {
  const defaults = defaultVolumeBindingArgs;
  const anything = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  return readPluginArgs('VolumeBinding', ['bindTimeoutSeconds', 'shape'], given, problems, (reader) => ({
    bindTimeoutSeconds: reader.integer('bindTimeoutSeconds', defaults.bindTimeoutSeconds, anything),
    shape: reader.list('shape').length === 0 ? defaults.shape : reader.objects('shape').map(readShapePoint),
  }));
}

/** What upstream refuses. */
export function validateVolumeBindingArgs({ bindTimeoutSeconds, shape }: VolumeBindingArgs): readonly ArgsProblem[] {
  const problems = shapeProblems(shape, ['shape']);
  if (bindTimeoutSeconds >= 0) return problems;
  const detail = 'invalid BindTimeoutSeconds, should not be a negative value';
  return [invalidArg(['bindTimeoutSeconds'], bindTimeoutSeconds, detail), ...problems];
}
