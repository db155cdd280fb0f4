/** From a scenario file to a scenario: read, put together, checked, resolved. Nothing is run or written here. */
import type { TimedUserAction } from '../workload/user-action.ts';
import { composeScenario, reportSchemaIssues } from './compose.ts';
import type { Composed } from './composed.ts';
import type { Diagnostic } from './diagnostics.ts';
import { DiagnosticList } from './diagnostics.ts';
import type { FileReader } from './file-reader.ts';
import { InputTexts } from './input-texts.ts';
import { ManifestReader } from './manifests.ts';
import { resolveActions } from './resolve/actions.ts';
import { resolveAsserts } from './resolve/asserts.ts';
import { resolveBehaviors } from './resolve/behaviors.ts';
import { Catalogue } from './resolve/catalogue.ts';
import { resolveImages, resolveKubelet, resolveNodePools, resolveRegistry } from './resolve/cluster.ts';
import { ResolveContext } from './resolve/context.ts';
import { optionalMicroseconds } from './resolve/distribution.ts';
import { resolveFaults } from './resolve/faults.ts';
import { ObjectIntake } from './resolve/objects.ts';
import { resolveControllers, resolveLatency, resolveScheduler, resolveVersion } from './resolve/settings.ts';
import { refuseEnd, resolveTrace, resolveTraceNodes } from './resolve/trace.ts';
import type { TraceMemory } from './resolve/trace-memory.ts';
import { resolveSeries } from './resolve/usage.ts';
import { resolveGenerators, resolveManifests } from './resolve/workload.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioInput } from './schema/scenario-schema.ts';

/** How a scenario is loaded. */
export interface LoadOptions {
  readonly reader: FileReader;
  /** `path=value` of `--set`, in their order. */
  readonly overrides?: readonly string[];
  /** In place of `spec.seed`. */
  readonly seed?: string;
  /** In place of `spec.replication`. */
  readonly replication?: number;
  /** In place of `spec.horizon`, microseconds, above zero. */
  readonly until?: number;
  /** Files may lie outside of the scenario's folder. */
  readonly allowOutside?: boolean;
  /** What is known of traces from other scenarios, and what becomes known. */
  readonly traces?: TraceMemory;
}

/** A scenario, or why there is none. */
export interface LoadedScenario {
  /** Undefined where there are errors. */
  readonly scenario: Scenario | undefined;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  /** Amounts of objects by kind on which nothing acts: `ConfigMap v1`, `StatefulSet apps/v1`. */
  readonly inertKinds: ReadonlyMap<string, number>;
}

/** Loads the scenario at a path. Every mistake in the user's files is a diagnostic; nothing throws. */
export function loadScenario(path: string, options: LoadOptions): LoadedScenario {
  const diagnostics = new DiagnosticList();
  const { reader, allowOutside = false } = options;
  const texts = new InputTexts({ reader, diagnostics, scenarioPath: path, allowOutside });
  const manifests = new ManifestReader(texts);
  const composed = composeScenario(texts, path, options.overrides ?? []);
  const isSound = composed !== undefined && reportSchemaIssues(composed, diagnostics);
  const scenario = isSound ? resolve(composed, texts, manifests, options) : undefined;
  return {
    scenario: diagnostics.hasErrors ? undefined : scenario,
    errors: diagnostics.errors,
    warnings: diagnostics.warnings,
    inertKinds: manifests.inertKinds,
  };
}

/** Files and names first, then what refers to them. */
function resolve(composed: Composed, texts: InputTexts, manifests: ManifestReader, options: LoadOptions): Scenario {
  const { metadata, spec } = composed.raw as ScenarioInput;
  const context = new ResolveContext(texts, composed, options.traces);
  const catalogue = new Catalogue(texts);
  const intake = new ObjectIntake(context, manifests, catalogue);
  const horizon = options.until ?? optionalMicroseconds(spec.horizon) ?? 0;
  const seed = options.seed ?? String(spec.seed ?? defaultSeed);
  const replication = options.replication ?? spec.replication ?? 0;
  const nodePools = resolveNodePools(spec, context, catalogue);
  const trace = resolveTrace(spec, seed, replication, context);
  if (options.until !== undefined) refuseEnd(trace, context);
  const traced = resolveTraceNodes(spec, trace, context, catalogue);
  const dumps = context.mentions(spec.cluster?.manifests ?? [], ['spec', 'cluster', 'manifests']);
  const objects = intake.initial(manifests.read(dumps));
  const tools = { context, manifests, catalogue, intake, horizon };
  const applied = resolveManifests(spec, tools);
  const generators = resolveGenerators(spec, tools);
  const actions = inOrder([...applied, ...resolveActions(spec, tools)]);
  const surroundings = { context, catalogue, horizon };
  const scenario: Scenario = {
    name: metadata.name,
    description: spec.description ?? '',
    kubernetesVersion: resolveVersion(spec, context),
    seed,
    replication,
    horizon,
    latency: resolveLatency(spec),
    cluster: { nodePools, objects: [...catalogue.missingNamespaces(), ...traced, ...objects] },
    actions,
    generators,
    trace,
    behaviors: resolveBehaviors(spec, context, catalogue),
    metrics: (spec.metrics ?? []).map(resolveSeries),
    images: resolveImages(spec, context),
    registry: resolveRegistry(spec, context),
    kubelet: resolveKubelet(spec, context),
    scheduler: resolveScheduler(spec, context),
    controllers: resolveControllers(spec, context),
    faults: resolveFaults(spec, surroundings),
    limits: limitsOf(spec),
    outputs: { step: optionalMicroseconds(spec.outputs?.step) },
    asserts: resolveAsserts(spec, context),
    effective: effectiveOf(composed.raw as ScenarioInput, options),
    inputs: texts.inputs,
  };
  intake.finish(scenario.behaviors, actions);
  manifests.finish();
  return scenario;
}

const defaultSeed = '1';

/** By time; at one time in the order of the file. */
function inOrder(actions: readonly TimedUserAction[]): readonly TimedUserAction[] {
  return [...actions].sort((a, b) => a.at - b.at);
}

function limitsOf({ limits = {} }: ScenarioInput['spec']): Scenario['limits'] {
  const { events, eventsPerInstant, pods } = limits;
  return { events, eventsPerInstant, pods };
}

/** The scenario as run: what the command line states stands in it. */
function effectiveOf(raw: ScenarioInput, { seed, replication, until }: LoadOptions): unknown {
  const stated = {
    ...(seed !== undefined && { seed }),
    ...(replication !== undefined && { replication }),
    ...(until !== undefined && { horizon: `${until}us` }),
  };
  return Object.keys(stated).length === 0 ? raw : { ...raw, spec: { ...raw.spec, ...stated } };
}
