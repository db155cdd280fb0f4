/** `assert`: metrics and bounds, checked against what the summary of a run has. */
import { parseDuration } from '../../engine/time.ts';
import { summaryMetrics } from '../../metrics/summary-metrics.ts';
import type { AssertEntry, AssertValue } from '../asserts.ts';
import { comparisons } from '../asserts.ts';
import type { FieldPath } from '../field-path.ts';
import * as messages from '../messages.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import type { ResolveContext } from './context.ts';

type Input = NonNullable<ScenarioInput['spec']['assert']>[number];

/** The expectations in their order; those with a mistake are reported and left out. */
export function resolveAsserts(spec: ScenarioInput['spec'], context: ResolveContext): readonly AssertEntry[] {
  return (spec.assert ?? []).flatMap((input, index) => assertOf(input, ['spec', 'assert', index], context) ?? []);
}

function assertOf(input: Input, path: FieldPath, context: ResolveContext): AssertEntry | undefined {
  const metric = summaryMetrics.find(({ name }) => name === input.metric);
  if (metric === undefined) {
    const known = summaryMetrics.map(({ name }) => name);
    context.report(messages.unknownMetric(input.metric, known), [...path, 'metric']);
    return undefined;
  }
  const comparison = comparisons.find((name) => input[name] !== undefined)!;
  const at = [...path, comparison];
  const written = input[comparison]!;
  const isDuration = metric.unit === 'seconds';
  const bounds = Array.isArray(written)
    ? written.map((bound, index) => boundOf(input.metric, bound, isDuration, [...at, index], context))
    : [boundOf(input.metric, written, isDuration, at, context)];
  if (bounds.includes(undefined)) return undefined;
  if (comparison === 'between' && !isRange(bounds as AssertValue[], at, context)) return undefined;
  return { metric: input.metric, comparison, bounds: bounds as AssertValue[] };
}

function boundOf(
  metric: string,
  written: number | string,
  isDuration: boolean,
  at: FieldPath,
  context: ResolveContext,
): AssertValue | undefined {
  if (isDuration !== (typeof written === 'string')) {
    context.report(messages.wrongBoundUnit(metric, isDuration), at);
    return undefined;
  }
  if (typeof written === 'number') return { value: written, isDuration };
  const us = parseDuration(written);
  if (us === undefined) context.report(messages.notADuration(written, undefined), at);
  return us === undefined ? undefined : { value: us, isDuration };
}

function isRange(bounds: readonly AssertValue[], at: FieldPath, context: ResolveContext): boolean {
  const [low, high] = bounds;
  const isPair = bounds.length === 2 && low !== undefined && high !== undefined;
  const isOrdered = isPair && low.value <= high.value;
  if (!isOrdered) {
    const why = isPair ? 'the first bound of "between" is above the second' : '"between" takes a list of two bounds';
    context.report(messages.contradiction(why), at);
  }
  return isOrdered;
}
