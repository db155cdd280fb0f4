/** `behaviors[].usage`: what pods use. */
import { quantityToInteger } from '../../api/quantity.ts';
import { labelsOf } from '../../api/labels.ts';
import type { ContainerUsage, MetricSeries, PodUsage, ResourceUsage } from '../../kubelet/behavior.ts';
import type { UsageAmount, UsageCurve } from '../../kubelet/usage-curve.ts';
import { assert } from '../../util/assert.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import { percentOf } from '../schema/usage.ts';
import { microseconds, optionalMicroseconds } from './distribution.ts';

type Input = NonNullable<NonNullable<ScenarioInput['spec']['behaviors']>[number]['usage']>;
type ResourceInput = NonNullable<Input['cpu']>;
type CurveInput = string | number | Pick<Extract<ResourceInput, object>, 'steps' | 'sine' | 'period'>;

/** The use of a pod by resource, and its metrics. */
export function resolveUsage({ containers = {}, metrics = {}, ...whole }: Input): PodUsage {
  return {
    ...resolveResources(whole),
    containers: new Map(Object.entries(containers).map(([name, input]) => [name, resolveResources(input)])),
    // Thousandths, as cpu.
    metrics: new Map(Object.entries(metrics).map(([name, input]) => [name, resolveResource('cpu', input)!])),
  };
}

function resolveResources({ cpu, memory }: Pick<Input, 'cpu' | 'memory'>): ContainerUsage {
  return { cpu: resolveResource('cpu', cpu), memory: resolveResource('memory', memory) };
}

/** An entry of `metrics`. */
export function resolveSeries(input: NonNullable<ScenarioInput['spec']['metrics']>[number]): MetricSeries {
  const { name, namespace, object, labels = {}, value } = input;
  return {
    name,
    namespace,
    object,
    labels: labelsOf(Object.entries(labels)),
    curve: resolveCurve('cpu', value ?? input),
  };
}

function resolveResource(resource: string, input: ResourceInput | undefined): ResourceUsage | undefined {
  if (input === undefined) return undefined;
  const load = typeof input === 'object' ? input.load : undefined;
  return { curve: resolveCurve(resource, load ?? input), isShared: load !== undefined };
}

function resolveCurve(resource: string, input: CurveInput): UsageCurve {
  const amount = (value: string | number): UsageAmount => resolveAmount(resource, value);
  if (typeof input !== 'object')
    return { type: 'steps', steps: [{ from: 0, amount: amount(input) }], period: undefined };
  const { steps, sine, period } = input;
  if (sine !== undefined) {
    const periodUs = microseconds(sine.period);
    const peak = optionalMicroseconds(sine.peak) ?? periodUs / 2;
    return { type: 'sine', low: amount(sine.low), high: amount(sine.high), period: periodUs, peak };
  }
  assert(steps !== undefined, 'a use without steps or a sine passed the schema');
  return {
    type: 'steps',
    steps: steps.map(({ at, value }) => ({ from: microseconds(at), amount: amount(value) })),
    period: optionalMicroseconds(period),
  };
}

function resolveAmount(resource: string, value: string | number): UsageAmount {
  const percent = percentOf(value);
  if (percent !== undefined) return { value: percent / 100, isShare: true };
  const amount = quantityToInteger(resource, String(value));
  assert(amount !== undefined, `"${value}" passed the schema and is no quantity`);
  return { value: amount, isShare: false };
}
