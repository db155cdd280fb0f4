/** Resources that a score looks at, and what a pod and a node have of them (`pl/noderesources/resource_allocation.go`). */
import type { FieldReader } from '../../api/decode/field-reader.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { isScalarResource } from '../framework/pod-info.ts';
import { invalidArg } from './read-args.ts';

/** ResourceSpec of a configuration. */
export interface ResourceSpec {
  readonly name: string;
  /** 1..100. */
  readonly weight: number;
}

/** `cpu` and `memory`, each with weight 1. */
export const defaultResources: readonly ResourceSpec[] = Object.freeze([
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]);

/** Where NodeInfo keeps a resource. */
export type ResourceColumn = 'cpu' | 'memory' | 'ephemeral-storage' | 'scalar';

/** The column of a resource; undefined for a name that nodes are not counted by: it takes no part. */
function columnOf(name: string): ResourceColumn | undefined {
  if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') return name;
  return isScalarResource(name) ? 'scalar' : undefined;
}

/** What a pod asks for of a scored resource: all that is the same at every node. */
export interface ScoredRequest extends ResourceSpec {
  readonly column: ResourceColumn;
  readonly amount: number;
}

/** The scored resources that take part for a pod: scalars that it does not ask for do not. */
export function scoredRequests(
  resources: readonly ResourceSpec[],
  amountOf: (name: string) => number,
): readonly ScoredRequest[] {
  return resources.flatMap(({ name, weight }) => {
    const column = columnOf(name);
    const amount = amountOf(name);
    return column === undefined || (column === 'scalar' && amount === 0) ? [] : [{ name, weight, column, amount }];
  });
}

/** What the node can give of the resource; 0 = none, and the resource is left out. */
export function allocatableOf(node: NodeInfo, { column, name }: ScoredRequest): number {
  if (column === 'cpu') return node.allocatableMilliCpu;
  if (column === 'memory') return node.allocatableMemory;
  return column === 'scalar' ? (node.allocatableScalars.get(name) ?? 0) : node.allocatableEphemeralStorage;
}

/** What the pods of the node ask for. */
export function requestedOf(node: NodeInfo, { column, name }: ScoredRequest): number {
  if (column === 'cpu') return node.requestedMilliCpu;
  if (column === 'memory') return node.requestedMemory;
  return column === 'scalar' ? (node.requestedScalars.get(name) ?? 0) : node.requestedEphemeralStorage;
}

/** The same, with 100 milliCPU and 200 MiB for each container that names none. */
export function nonZeroRequestedOf(node: NodeInfo, request: ScoredRequest): number {
  if (request.column === 'cpu') return node.nonZeroMilliCpu;
  if (request.column === 'memory') return node.nonZeroMemory;
  return requestedOf(node, request);
}

/** Reads a list of resources; an absent or empty one is the default, a missing weight is 1. */
export function readResources(reader: FieldReader | undefined): readonly ResourceSpec[] {
  const entries = reader?.objects('resources') ?? [];
  if (entries.length === 0) return defaultResources;
  return entries.map((entry) => {
    const weight = entry.integer('weight', 0, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
    return { name: entry.requiredText('name'), weight: weight === 0 ? 1 : weight };
  });
}

/** Weights must lie in 1..100 (`validateResources`). */
export function weightProblems(resources: readonly ResourceSpec[], path: ArgsProblem['path']): ArgsProblem[] {
  return resources.flatMap(({ name, weight }, at) =>
    weight > 0 && weight <= 100
      ? []
      : [invalidArg([...path, at, 'weight'], weight, `resource weight of ${name} not in valid range (0, 100]`)],
  );
}
