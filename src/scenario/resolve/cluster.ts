/** `cluster`, `images`, `registry` and `kubelet`. */
import type { ContainerImage, ResourceList } from '../../api/core-v1.ts';
import { isExtendedResource, isWhole } from '../../api/decode/resource-list.ts';
import { labelsOf } from '../../api/labels.ts';
import { formatResource, quantityToInteger } from '../../api/quantity.ts';
import type {
  EvictionSignal,
  EvictionThreshold,
  ImageSize,
  KubeletOptions,
  RegistryOptions,
} from '../../kubelet/behavior.ts';
import { evictionSignals } from '../../kubelet/behavior.ts';
import { assert } from '../../util/assert.ts';
import type { NodePool } from '../../workload/node-pool.ts';
import { nodesOfPools } from '../../workload/pool-nodes.ts';
import type { FieldPath } from '../field-path.ts';
import * as messages from '../messages.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import type { Catalogue } from './catalogue.ts';
import type { ResolveContext } from './context.ts';
import { microseconds, optionalDistribution, optionalMicroseconds, resolveDistribution } from './distribution.ts';

type Spec = ScenarioInput['spec'];
type PoolInput = NonNullable<NonNullable<Spec['cluster']>['nodePools']>[number];

/** The kubelet's own limit (`--max-pods`) where neither the pool nor `spec.kubelet` states one. */
const maxPodsDefault = 110;

/** The node pools; their nodes go into the catalogue. */
export function resolveNodePools(spec: Spec, context: ResolveContext, catalogue: Catalogue): readonly NodePool[] {
  const inputs = spec.cluster?.nodePools ?? [];
  const at: FieldPath = ['spec', 'cluster', 'nodePools'];
  checkUnique(
    inputs.map(({ name }) => name),
    'node pool',
    at,
    context,
  );
  const maxPods = spec.kubelet?.maxPods ?? maxPodsDefault;
  return inputs.map((input, index) => {
    const pool = poolOf(input, maxPods, [...at, index], context);
    const where = (): string => context.describePlace([...at, index]);
    for (const node of nodesOfPools([pool])) {
      const first = catalogue.addPoolNode(node, where);
      if (first === undefined || first === where()) continue;
      context.report(messages.duplicateName('node', node.metadata.name, first), [...at, index, 'name']);
      break;
    }
    return pool;
  });
}

/** Reports names that stand twice in a list of entries with names. */
export function checkUnique(
  names: readonly (string | undefined)[],
  what: string,
  at: FieldPath,
  context: ResolveContext,
  below: FieldPath = ['name'],
): void {
  const first = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (name === undefined) continue;
    const known = first.get(name);
    if (known === undefined) first.set(name, index);
    else {
      const place = context.describePlace([...at, known, ...below]);
      context.report(messages.duplicateName(what, name, place), [...at, index, ...below]);
    }
  }
}

function poolOf(input: PoolInput, maxPods: number, at: FieldPath, context: ResolveContext): NodePool {
  const { name, count, zones, region, racks, labels, taints } = input;
  checkZones(zones ?? [], at, context);
  checkWhole(input.capacity, [...at, 'capacity'], context);
  checkWhole(input.allocatable ?? {}, [...at, 'allocatable'], context);
  const capacity = new Map([['pods', maxPods], ...resourceList(input.capacity)]);
  const allocatable = new Map([...capacity, ...resourceList(input.allocatable ?? {})]);
  for (const [resource, amount] of allocatable) {
    const whole = capacity.get(resource) ?? 0;
    if (amount <= whole) continue;
    const message = `${formatResource(resource, amount)} ${resource} allocatable of a capacity of ${formatResource(resource, whole)}`;
    context.report(messages.contradiction(message), [...at, 'allocatable', resource]);
  }
  return {
    name,
    count,
    zones: zones ?? [],
    region: region ?? '',
    ...(racks !== undefined && { racks }),
    labels: labelsOf(Object.entries(labels ?? {})),
    taints: (taints ?? []).map(({ key, value, effect }) => ({ key, value: value ?? '', effect, timeAdded: undefined })),
    capacity,
    allocatable,
    images: (input.images ?? []).map(imageOf),
  };
}

function checkZones(zones: readonly string[], at: FieldPath, context: ResolveContext): void {
  for (const [index, zone] of zones.entries()) {
    const first = zones.indexOf(zone);
    if (first === index) continue;
    const place = context.describePlace([...at, 'zones', first]);
    context.report(messages.duplicateName('zone', zone, place), [...at, 'zones', index]);
  }
}

/** What is counted in pieces comes whole (`pkg/apis/core/validation` ValidateResourceQuantityValue). */
function checkWhole(resources: PoolInput['capacity'], at: FieldPath, context: ResolveContext): void {
  for (const [name, quantity] of Object.entries(resources)) {
    const isCounted = name === 'pods' || isExtendedResource(name);
    if (isCounted && !isWhole(String(quantity)))
      context.report(messages.outOfRange(quantity, 'a whole number'), [...at, name]);
  }
}

function resourceList(input: Readonly<Record<string, string | number>>): ResourceList {
  return new Map(Object.entries(input).map(([name, quantity]) => [name, integerOf(name, quantity)]));
}

/** The integer of a quantity that the schema has checked. */
function integerOf(name: string, quantity: string | number): number {
  const amount = quantityToInteger(name, String(quantity));
  assert(amount !== undefined, `"${quantity}" passed the schema and is no quantity`);
  return amount;
}

function imageOf({ name, size }: { name: string; size: string | number }): ContainerImage {
  return { names: [name], sizeBytes: integerOf('memory', size) };
}

/** Sizes of images, by name; the first that matches holds. */
export function resolveImages(spec: Spec, context: ResolveContext): readonly ImageSize[] {
  const inputs = spec.images ?? [];
  checkUnique(
    inputs.map(({ name }) => name),
    'image',
    ['spec', 'images'],
    context,
  );
  return inputs.map(({ name, size, pull }) => ({
    name,
    sizeBytes: integerOf('memory', size),
    ...(pull?.duration !== undefined && { pullDuration: resolveDistribution(pull.duration) }),
    ...(pull?.failures !== undefined && { failures: pull.failures }),
    ...(pull?.failsWith !== undefined && { failsWith: pull.failsWith }),
  }));
}

/** The way to the image registry. */
export function resolveRegistry({ registry }: Spec, context: ResolveContext): RegistryOptions {
  const bandwidth = registry?.bandwidth === undefined ? undefined : integerOf('memory', registry.bandwidth);
  if (bandwidth === 0)
    context.report(messages.outOfRange(registry?.bandwidth, 'more than zero'), ['spec', 'registry', 'bandwidth']);
  return { bandwidth, latency: optionalDistribution(registry?.latency) };
}

/** Settings of every kubelet. */
export function resolveKubelet({ kubelet = {} }: Spec, context: ResolveContext): KubeletOptions {
  if (kubelet.serializeImagePulls === true && (kubelet.maxParallelImagePulls ?? 1) > 1) {
    // As the kubelet's own validation has it (`pkg/kubelet/apis/config/validation/validation.go`).
    const message = '"maxParallelImagePulls" above 1 needs "serializeImagePulls: false"';
    context.report(messages.contradiction(message), ['spec', 'kubelet', 'maxParallelImagePulls']);
  }
  return {
    nodeStatusUpdateFrequency: optionalMicroseconds(kubelet.nodeStatusUpdateFrequency),
    nodeLeaseDuration: optionalMicroseconds(kubelet.nodeLeaseDuration),
    serializeImagePulls: kubelet.serializeImagePulls,
    maxParallelImagePulls: kubelet.maxParallelImagePulls,
    registryPullQPS: kubelet.registryPullQPS,
    registryBurst: kubelet.registryBurst,
    maxContainerRestartPeriod: optionalMicroseconds(kubelet.maxContainerRestartPeriod),
    maxPods: kubelet.maxPods,
    sandboxDuration: optionalDistribution(kubelet.sandboxDuration),
    ...evictionOptions(kubelet),
    ...shutdownOptions(kubelet, context),
    ...(kubelet.reduceDefaultCrashLoopBackOffDecay !== undefined && {
      reduceDefaultCrashLoopBackOffDecay: kubelet.reduceDefaultCrashLoopBackOffDecay,
    }),
  };
}

type EvictionOptions = Pick<
  KubeletOptions,
  'evictionHard' | 'evictionSoft' | 'evictionMaxPodGracePeriod' | 'evictionPressureTransitionPeriod'
>;

/** Settings of node-pressure eviction; absent where the scenario says nothing. */
function evictionOptions(kubelet: NonNullable<Spec['kubelet']>): EvictionOptions {
  const { evictionHard, evictionSoft, evictionMaxPodGracePeriod, evictionPressureTransitionPeriod } = kubelet;
  return {
    ...(evictionHard !== undefined && { evictionHard: thresholdsOf(evictionHard, 0) }),
    ...(evictionSoft !== undefined && {
      evictionSoft: thresholdsOf(evictionSoft, microseconds(evictionSoft.gracePeriod)),
    }),
    ...(evictionMaxPodGracePeriod !== undefined && { evictionMaxPodGracePeriod }),
    ...(evictionPressureTransitionPeriod !== undefined && {
      evictionPressureTransitionPeriod: microseconds(evictionPressureTransitionPeriod),
    }),
  };
}

function thresholdsOf(
  written: Readonly<Partial<Record<EvictionSignal, string | number | undefined>>>,
  graceUs: number,
): readonly EvictionThreshold[] {
  return evictionSignals.flatMap((signal): EvictionThreshold[] => {
    const text = written[signal] === undefined ? undefined : String(written[signal]);
    if (text === undefined) return [];
    if (text.endsWith('%')) return [{ signal, amount: 0, percent: Number(text.slice(0, -1)), graceUs }];
    return [{ signal, amount: integerOf('memory', text), percent: undefined, graceUs }];
  });
}

type ShutdownOptions = Pick<
  KubeletOptions,
  'shutdownGracePeriod' | 'shutdownGracePeriodCriticalPods' | 'shutdownGracePeriodByPodPriority'
>;

/** Graceful node shutdown; absent where the scenario says nothing. */
function shutdownOptions(
  {
    shutdownGracePeriod,
    shutdownGracePeriodCriticalPods,
    shutdownGracePeriodByPodPriority,
  }: NonNullable<Spec['kubelet']>,
  context: ResolveContext,
): ShutdownOptions {
  const whole = optionalMicroseconds(shutdownGracePeriod);
  const critical = optionalMicroseconds(shutdownGracePeriodCriticalPods);
  if ((critical ?? 0) > (whole ?? 0)) {
    // As the kubelet's own validation has it.
    const message = '"shutdownGracePeriodCriticalPods" must be at most "shutdownGracePeriod"';
    context.report(messages.contradiction(message), ['spec', 'kubelet', 'shutdownGracePeriodCriticalPods']);
  }
  if (shutdownGracePeriodByPodPriority !== undefined && whole !== undefined) {
    const message = 'cannot specify both "shutdownGracePeriodByPodPriority" and "shutdownGracePeriod" at the same time';
    context.report(messages.contradiction(message), ['spec', 'kubelet', 'shutdownGracePeriodByPodPriority']);
  }
  return {
    ...(shutdownGracePeriodByPodPriority !== undefined && {
      shutdownGracePeriodByPodPriority: shutdownGracePeriodByPodPriority.map(
        ({ priority, shutdownGracePeriodSeconds }) => ({ priority, seconds: shutdownGracePeriodSeconds }),
      ),
    }),
    ...(whole !== undefined && { shutdownGracePeriod: whole }),
    ...(critical !== undefined && { shutdownGracePeriodCriticalPods: critical }),
  };
}
