/** `faults`: what breaks, checked against the nodes, zones and pods of the scenario. */
import type { Node } from '../../api/core-v1.ts';
import { compileSelector } from '../../api/labels.ts';
import type { LabelSelector } from '../../api/meta-v1.ts';
import { zoneOf } from '../../api/node-conditions.ts';
import { formatDuration } from '../../engine/time.ts';
import type { ArgumentsOf, FaultDefinition, Parameter, ParameterTypes, Parameters } from '../../faults/fault.ts';
import type { FaultRule } from '../../faults/injector.ts';
import { faultNamed } from '../../faults/registry.ts';
import { assert } from '../../util/assert.ts';
import type { FieldPath } from '../field-path.ts';
import * as messages from '../messages.ts';
import type { DistributionInput } from '../schema/distribution.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import { mayMatchLabels } from './behaviors.ts';
import type { Catalogue } from './catalogue.ts';
import type { ResolveContext } from './context.ts';
import { microseconds, resolveDistribution } from './distribution.ts';
import type { SelectorInput } from './selector.ts';
import { resolveSelector } from './selector.ts';

/** What faults are checked against. */
export interface FaultSurroundings {
  readonly context: ResolveContext;
  readonly catalogue: Catalogue;
  /** Microseconds. */
  readonly horizon: number;
}

type Arguments = ArgumentsOf<Parameters>;

const readers: { readonly [T in keyof ParameterTypes]: (value: unknown) => ParameterTypes[T] } = {
  duration: (value) => microseconds(value as string),
  distribution: (value) => resolveDistribution(value as DistributionInput),
  string: (value) => value as string,
  integer: (value) => value as number,
  number: (value) => value as number,
  boolean: (value) => value as boolean,
  selector: (value) => resolveSelector(value as SelectorInput),
};

/** The faults in their order. */
export function resolveFaults(spec: ScenarioInput['spec'], surroundings: FaultSurroundings): readonly FaultRule[] {
  return (spec.faults ?? []).map((entry, index) => {
    const [name, given] = Object.entries(entry).find(([, value]) => value !== undefined)!;
    const definition = faultNamed(name);
    assert(definition !== undefined, `the fault ${name} passed the schema and is not in the registry`);
    const args = argumentsOf(definition.parameters, given as Readonly<Record<string, unknown>>);
    check(definition, args, ['spec', 'faults', index, name], surroundings);
    return { definition, args };
  });
}

function argumentsOf(parameters: Parameters, given: Readonly<Record<string, unknown>>): Arguments {
  const read = ([name, { type }]: readonly [string, Parameter]): [string, unknown] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    return [name, value === undefined ? undefined : readers[type](value)];
  };
  return Object.fromEntries(Object.entries(parameters).map(read)) as Arguments;
}

function check(definition: FaultDefinition, args: Arguments, path: FieldPath, surroundings: FaultSurroundings): void {
  const { context, catalogue, horizon } = surroundings;
  const nodes: ReadonlySet<string> = new Set(catalogue.nodes.keys());
  const { zones } = catalogue;
  if (isUnknown('node', args, nodes, path, context) || isUnknown('zone', args, zones, path, context)) return;
  const problem = definition.problem?.(args, { zones, nodes });
  if (problem !== undefined) {
    context.report(messages.contradiction(problem), path, 'key');
    return;
  }
  const at = args['at'];
  if (typeof at === 'number' && at >= horizon) {
    const finding = messages.beyondHorizon(formatDuration(at), formatDuration(horizon));
    context.report(finding, [...path, 'at']);
  }
  warnWithoutTarget(definition, args, path, surroundings);
}

/** Whether an argument names something that is not there; then it has been reported. */
function isUnknown(
  name: 'node' | 'zone',
  args: Arguments,
  known: ReadonlySet<string>,
  path: FieldPath,
  context: ResolveContext,
): boolean {
  const value = args[name];
  if (typeof value !== 'string' || known.has(value)) return false;
  context.report(messages.noSuch(name, value, [...known]), [...path, name]);
  return true;
}

/** A fault with a parameter `node` hits nodes; another one with a selector hits pods. */
function warnWithoutTarget(
  { parameters }: FaultDefinition,
  args: Arguments,
  path: FieldPath,
  { context, catalogue }: FaultSurroundings,
): void {
  const selector = args['selector'] as LabelSelector | undefined;
  const field = selector === undefined ? path : [...path, 'selector'];
  if ('node' in parameters) {
    const isChosen = nodeTest(args, selector);
    if (![...catalogue.nodes.values()].some(isChosen)) context.report(messages.matchesNothing('node'), field, 'key');
  } else if ('selector' in parameters && selector !== undefined) {
    const { namespace } = args as { readonly namespace?: string };
    const isHit = catalogue.pods.some(
      (pod) => (namespace === undefined || pod.namespace === namespace) && mayMatchLabels(selector, pod),
    );
    if (!isHit) context.report(messages.matchesNothing('pod'), field, 'key');
  }
}

function nodeTest(args: Arguments, selector: LabelSelector | undefined): (node: Node) => boolean {
  const matches = selector === undefined ? () => true : compileSelector(selector);
  const { node: name, zone } = args as { readonly node?: string; readonly zone?: string };
  return (node) =>
    (name === undefined || node.metadata.name === name) &&
    (zone === undefined || zoneOf(node) === zone) &&
    matches(node.metadata.labels);
}
