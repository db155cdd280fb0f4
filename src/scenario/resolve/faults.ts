/** `faults`: what breaks, checked against the nodes, zones and pods of the scenario. */
import type { Node } from '../../api/core-v1.ts';
import { compileSelector } from '../../api/labels.ts';
import type { LabelSelector } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import { zoneOf } from '../../api/node-conditions.ts';
import { quantityToInteger } from '../../api/quantity.ts';
import { formatDuration } from '../../engine/time.ts';
import type {
  ArgumentsOf,
  FaultDefinition,
  FaultNode,
  KnownWorld,
  Parameter,
  ParameterTypes,
  Parameters,
  PodSelector,
} from '../../faults/fault.ts';
import type { FaultRule } from '../../faults/injector.ts';
import { presetNamed } from '../../faults/presets.ts';
import { faultNamed } from '../../faults/registry.ts';
import { isEndless, timingOf } from '../../faults/timing.ts';
import { assert } from '../../util/assert.ts';
import type { FieldPath } from '../field-path.ts';
import * as messages from '../messages.ts';
import type { DistributionInput } from '../schema/distribution.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import { mayMatchLabels } from './behaviors.ts';
import type { Catalogue } from './catalogue.ts';
import type { ResolveContext } from './context.ts';
import { microseconds, resolveDistribution } from './distribution.ts';
import type { FaultEntry } from './fault-overlaps.ts';
import { warnOfOverlaps } from './fault-overlaps.ts';
import type { ReadSpan } from './fault-trace.ts';
import { readTrace } from './fault-trace.ts';
import type { PodSelectorInput, SelectorInput } from './selector.ts';
import { resolvePodSelector, resolveSelector } from './selector.ts';

/** What faults are checked against. */
export interface FaultSurroundings {
  readonly context: ResolveContext;
  readonly catalogue: Catalogue;
  /** Microseconds. */
  readonly horizon: number;
}

type Arguments = ArgumentsOf<Parameters>;

/** Where an argument stands, for those that lead to files. */
interface ArgumentPlace {
  readonly context: ResolveContext;
  readonly path: FieldPath;
}

const readers: { readonly [T in keyof ParameterTypes]: (value: unknown, at: ArgumentPlace) => ParameterTypes[T] } = {
  duration: (value) => microseconds(value as string),
  distribution: (value) => resolveDistribution(value as DistributionInput),
  string: (value) => value as string,
  choice: (value) => value as string,
  integer: (value) => value as number,
  quantity: (value) => quantityToInteger('memory', String(value)) ?? 0,
  number: (value) => value as number,
  boolean: (value) => value as boolean,
  selector: (value) => resolveSelector(value as SelectorInput),
  pods: (value) => resolvePodSelector(value as PodSelectorInput),
  preset: (value) => presetNamed(value as string)!,
  trace: (value, { context, path }) => readTrace(context, context.mention(value as string, path)),
};

/** The faults in their order. */
export function resolveFaults(spec: ScenarioInput['spec'], surroundings: FaultSurroundings): readonly FaultRule[] {
  const { context } = surroundings;
  const entries = (spec.faults ?? []).map((entry, index): FaultEntry => {
    const [name, given] = Object.entries(entry).find(([, value]) => value !== undefined)!;
    const definition = faultNamed(name);
    assert(definition !== undefined, `the fault ${name} passed the schema and is not in the registry`);
    const path: FieldPath = ['spec', 'faults', index, name];
    const args = argumentsOf(definition.parameters, given as Readonly<Record<string, unknown>>, { context, path });
    return { definition, args, path, isSound: check(definition, args, path, surroundings) };
  });
  warnOfOverlaps(
    entries.filter(({ isSound }) => isSound),
    faultNodes(surroundings.catalogue),
    surroundings,
  );
  return entries.map(({ definition, args }) => ({ definition, args }));
}

function argumentsOf(
  parameters: Parameters,
  given: Readonly<Record<string, unknown>>,
  { context, path }: ArgumentPlace,
): Arguments {
  const read = ([name, { type }]: readonly [string, Parameter]): [string, unknown] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    return [name, value === undefined ? undefined : readers[type](value, { context, path: [...path, name] })];
  };
  return Object.fromEntries(Object.entries(parameters).map(read)) as Arguments;
}

/** The nodes of the start, as a run will show them to the faults. */
function faultNodes({ nodes }: Catalogue): readonly FaultNode[] {
  return [...nodes.values()]
    .map((node) => ({ name: node.metadata.name, zone: zoneOf(node), labels: node.metadata.labels }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether nothing contradicts; what does is reported. */
function check(
  definition: FaultDefinition,
  args: Arguments,
  path: FieldPath,
  surroundings: FaultSurroundings,
): boolean {
  const { context, catalogue, horizon } = surroundings;
  const world = knownWorld(catalogue);
  const { nodes, zones } = world;
  const problems = context.texts.diagnostics.errors.length;
  if (isUnknown('node', args, nodes, path, context) || isUnknown('zone', args, zones, path, context)) return false;
  const problem = definition.problem?.(args, world);
  if (problem !== undefined) {
    context.report(messages.contradiction(problem), path, 'key');
    return false;
  }
  checkTrace(definition, args, world, { context, path });
  const at = args['at'];
  if (typeof at === 'number' && at >= horizon) {
    const finding = messages.beyondHorizon(formatDuration(at), formatDuration(horizon));
    context.report(finding, [...path, 'at']);
  } else warnOfEffects(definition, args, path, context);
  checkTargets(definition, args, path, surroundings);
  return context.texts.diagnostics.errors.length === problems;
}

/** What exists when time starts. */
function knownWorld({ nodes, zones }: Catalogue): KnownWorld {
  return {
    zones,
    nodes: new Set(nodes.keys()),
    labelValues: (key) => {
      const values = new Set<string>();
      for (const { metadata } of nodes.values()) {
        const value = labelValue(metadata.labels, key);
        if (value !== undefined) values.add(value);
      }
      return values;
    },
  };
}

function checkTrace(
  definition: FaultDefinition,
  args: Arguments,
  world: KnownWorld,
  { context, path }: ArgumentPlace,
): void {
  const trace = args['trace'] as readonly ReadSpan[] | undefined;
  const known = trace === undefined ? undefined : definition.traceTargets?.(args, world);
  if (known === undefined) return;
  for (const { target, place } of trace!) {
    if (known.has(target)) continue;
    context.texts.diagnostics.add(messages.noSuch('target', target, [...known]), place, [...path, 'trace']);
  }
}

/** A fault that never ends although one would expect it, or that shows nowhere. */
function warnOfEffects(definition: FaultDefinition, args: Arguments, path: FieldPath, context: ResolveContext): void {
  const why = definition.withoutEffect?.(args);
  if (why !== undefined) context.report(messages.withoutEffect(why), path, 'key');
  const timing = timingOf(args);
  if (timing.trace !== undefined || !isEndless(definition, timing)) return;
  const isDrawn = timing.at === undefined;
  if (isDrawn) {
    const what = 'without "duration" or "repair" each target is hit once and stays so until the end of the run';
    context.report(messages.neverEnds(what), path, 'key');
  } else if (definition.isShared === true) {
    const what = 'without "duration" or "repair" it lasts until the end of the run';
    context.report(messages.neverEnds(what), path, 'key');
  }
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
function checkTargets(
  { parameters }: FaultDefinition,
  args: Arguments,
  path: FieldPath,
  { context, catalogue }: FaultSurroundings,
): void {
  const selector = args['selector'] as LabelSelector | undefined;
  const field = selector === undefined ? path : [...path, 'selector'];
  if ('node' in parameters) {
    const isChosen = nodeTest(args, selector);
    const chosen = [...catalogue.nodes.values()].filter(isChosen).length;
    if (chosen === 0) context.report(messages.matchesNothing('node'), field, 'key');
    else warnOfTooMany(args, 'node', chosen, path, context);
  } else if ('selector' in parameters && selector !== undefined) {
    const pods = podsHit(args, catalogue.pods);
    if (pods.length === 0) context.report(messages.matchesNothing('pod'), field, 'key');
    else {
      checkContainer(args, pods, path, context);
      if (catalogue.knowsAllPods && pods.every(({ isSingle }) => isSingle))
        warnOfTooMany(args, 'pod', pods.length, path, context);
    }
  }
}

/** A number of targets that is larger than that of the targets there can be. */
function warnOfTooMany(
  args: Arguments,
  noun: 'node' | 'pod',
  chosen: number,
  path: FieldPath,
  context: ResolveContext,
): void {
  const field = args['mode'] === 'fixed' ? 'value' : 'count';
  const wanted = args[field] as number | undefined;
  if (wanted !== undefined && wanted > chosen)
    context.report(messages.fewerTargets(noun, wanted, chosen), [...path, field]);
}

/** The pods of the scenario that a fault of containers may hit. */
function podsHit(args: Arguments, pods: Catalogue['pods']): Catalogue['pods'] {
  const { labels, namespaces } = args['selector'] as PodSelector;
  const { namespace } = args as { readonly namespace?: string };
  return pods.filter(
    (pod) =>
      (namespace === undefined || pod.namespace === namespace) &&
      (namespaces.length === 0 || namespaces.includes(pod.namespace)) &&
      mayMatchLabels(labels, pod),
  );
}

/** A container that none of the pods has. */
function checkContainer(args: Arguments, pods: Catalogue['pods'], path: FieldPath, context: ResolveContext): void {
  const { container } = args as { readonly container?: string };
  const known = new Set(pods.flatMap(({ containers }) => containers));
  if (container === undefined || known.has(container)) return;
  context.report(messages.noSuch('container', container, [...known]), [...path, 'container']);
}

function nodeTest(args: Arguments, selector: LabelSelector | undefined): (node: Node) => boolean {
  const matches = selector === undefined ? () => true : compileSelector(selector);
  const { node: name, zone } = args as { readonly node?: string; readonly zone?: string };
  return (node) =>
    (name === undefined || node.metadata.name === name) &&
    (zone === undefined || zoneOf(node) === zone) &&
    matches(node.metadata.labels);
}
