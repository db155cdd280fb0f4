/** NodeResourcesFitArgs (`ps/apis/config/v1/defaults.go`, `validation/validation_pluginargs.go`). */
import type { FieldReader } from '../../api/decode/field-reader.ts';
import { labelKeyProblem } from '../../api/names.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';
import { invalidArg, readPluginArgs } from './read-args.ts';
import type { ResourceSpec } from './scored-resources.ts';
import { defaultResources, readResources, weightProblems } from './scored-resources.ts';
import { readShapePoint, shapeProblems } from './shape-args.ts';
import type { ShapePoint } from './shape-score.ts';

export const strategyTypes = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'] as const;

/** Args of NodeResourcesFit, complete with defaults. */
export interface NodeResourcesFitArgs {
  /** Extended resources that the filter does not check. */
  readonly ignoredResources: readonly string[];
  /** The same by the part of the name before `/`. */
  readonly ignoredResourceGroups: readonly string[];
  readonly scoringStrategy: {
    readonly type: (typeof strategyTypes)[number];
    readonly resources: readonly ResourceSpec[];
    /** Given exactly for the type RequestedToCapacityRatio. */
    readonly shape: readonly ShapePoint[] | undefined;
  };
}

export const defaultFitArgs: NodeResourcesFitArgs = {
  ignoredResources: [],
  ignoredResourceGroups: [],
  scoringStrategy: { type: 'LeastAllocated', resources: defaultResources, shape: undefined },
};

/** Reads the args as a user wrote them. */
export function readFitArgs(given: unknown, problems: ArgsProblem[]): NodeResourcesFitArgs {
  const fields = ['ignoredResources', 'ignoredResourceGroups', 'scoringStrategy'];
  return readPluginArgs('NodeResourcesFit', fields, given, problems, (reader) => ({
    ignoredResources: reader.texts('ignoredResources'),
    ignoredResourceGroups: reader.texts('ignoredResourceGroups'),
    scoringStrategy: readStrategy(reader.object('scoringStrategy')),
  }));
}

function readStrategy(reader: FieldReader | undefined): NodeResourcesFitArgs['scoringStrategy'] {
  if (reader === undefined) return defaultFitArgs.scoringStrategy;
  reader.warnUnknown(new Set(['type', 'resources', 'requestedToCapacityRatio']));
  const ratio = reader.object('requestedToCapacityRatio');
  ratio?.warnUnknown(new Set(['shape']));
  if (!reader.has('type')) reader.at.field('type').notSupported('', strategyTypes);
  return {
    type: reader.choice('type', strategyTypes, 'LeastAllocated'),
    resources: readResources(reader),
    shape: ratio?.objects('shape').map(readShapePoint),
  };
}

/** What upstream refuses when the plugin is made. */
export function validateFitArgs(args: NodeResourcesFitArgs): readonly ArgsProblem[] {
  const { type, resources, shape } = args.scoringStrategy;
  const ratio = ['scoringStrategy', 'requestedToCapacityRatio'];
  const problems = [
    ...args.ignoredResources.flatMap((name, at) => nameProblem(['ignoredResources', at], name)),
    ...args.ignoredResourceGroups.flatMap((name, at) => groupProblem(['ignoredResourceGroups', at], name)),
    ...weightProblems(resources, ['scoringStrategy', 'resources']),
  ];
  if (type === 'RequestedToCapacityRatio') {
    if (shape !== undefined) return [...problems, ...shapeProblems(shape, [...ratio, 'shape'])];
    const detail = `must be specified when type is ${type}`;
    return [...problems, { path: ratio, message: `Required value: ${detail}` }];
  }
  const detail = 'must be nil when type is not RequestedToCapacityRatio';
  return shape === undefined ? problems : [...problems, { path: ratio, message: `Forbidden: ${detail}` }];
}

function nameProblem(path: ArgsProblem['path'], name: string): ArgsProblem[] {
  const problem = labelKeyProblem(name);
  return problem === undefined ? [] : [invalidArg(path, name, problem)];
}

function groupProblem(path: ArgsProblem['path'], name: string): ArgsProblem[] {
  if (name.includes('/')) return [invalidArg(path, name, "resource group name can't contain '/'")];
  return nameProblem(path, name);
}
