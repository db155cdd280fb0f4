/** What a reader has to know before he believes a comparison. */
import { formatDuration, formatNumber } from '../../report/format.ts';
import { areCorrelated } from '../statistics/batch-means.ts';
import { momentsOf } from '../statistics/moments.ts';
import { medianOf, quantileInterval } from '../statistics/quantile-interval.ts';
import { formatMean } from './amounts.ts';
import type { Comparison, Contrast } from './comparison.ts';
import type { Samples } from './samples.ts';
import { valuesOf } from './samples.ts';
import { listed } from './verdicts.ts';
import { eachWorkload } from './workload-figures.ts';

const fewWorlds = 10;

/** Sentences, the gravest first; empty where there is nothing to say. */
export function comparisonNotes(comparison: Comparison, samples: Samples): readonly string[] {
  const areAlike = areWorldsAlike(comparison, samples);
  return [
    ...(areAlike ? [alikeNote(comparison)] : fewNote(comparison)),
    ...warmUpNote(comparison, samples),
    ...serialNote(comparison, samples),
    ...incompleteNote(comparison, samples),
    ...unsharedNote(samples),
    ...missingNote(comparison),
    ...censoringNote(comparison, samples),
    ...skewNote(comparison, samples),
    ...pairingNote(comparison),
    ...bareNote(comparison),
    ...workloadsNote(comparison),
    ...powerNote(comparison),
    ...(areAlike ? [] : [planNote(comparison, samples)]),
  ];
}

/** Whether no figure of any policy varies from world to world. */
function areWorldsAlike({ metrics, worldCount }: Comparison, samples: Samples): boolean {
  if (samples.isSerial || worldCount < 2) return false;
  return metrics.every(({ metric }) =>
    valuesOf(samples, metric.name).every((values) => values.every((value) => value === values[0])),
  );
}

function alikeNote({ worldCount }: Comparison): string {
  return `All ${worldCount} worlds are alike: no figure depends on what is drawn, and more of them would say nothing more.`;
}

function fewNote({ worldCount }: Comparison): string[] {
  if (worldCount >= fewWorlds) return [];
  return [`Only ${worldCount} worlds: intervals of fewer than ${fewWorlds} depend on figures being about normal.`];
}

function warmUpNote({ metrics }: Comparison, { warmUp }: Samples): string[] {
  if (warmUp === undefined) return [];
  if (warmUp.from === 0) return [`Nothing is cut: the runs are steady from their beginning (${warmUp.reason}).`];
  const nouns = (isCut: boolean): string =>
    listed(
      metrics
        .filter(({ metric }) => warmUp.figures.has(metric.name) === isCut)
        .map(({ metric }) => metric.judgement.noun),
    );
  const [cut, whole] = [nouns(true), nouns(false)];
  const rest = whole === '' ? '' : ` Over the whole run, its beginning included: ${whole}.`;
  return [
    `Without the first ${formatDuration(warmUp.from)} (${warmUp.reason}): ${cut === '' ? 'nothing' : cut}.${rest}`,
  ];
}

/** Batches that still hang together after they have been made as long as they may be. */
function serialNote({ metrics }: Comparison, samples: Samples): string[] {
  if (!samples.isSerial) return [];
  const close = metrics.filter(({ metric }) => areCorrelated(valuesOf(samples, metric.name)));
  return [
    'One run each: n are batches of its time; other random worlds may say something else.',
    ...(close.length === 0
      ? []
      : [
          `Successive batches still hang together, so that intervals are too narrow: ${listed(close.map(({ metric }) => metric.judgement.noun))}.`,
        ]),
  ];
}

function incompleteNote({ metrics, worldCount }: Comparison, { incomplete, isSerial }: Samples): string[] {
  const partly = metrics
    .filter(({ count }) => !isSerial && count < worldCount)
    .map(({ metric, count }) => `${metric.name} (${count})`);
  return [
    ...(incomplete.length === 0
      ? []
      : [`${incomplete.length} worlds are left out, because a run failed or is missing.`]),
    ...(partly.length === 0 ? [] : [`Not every world has a figure for ${listed(partly)}: fewer pairs there.`]),
  ];
}

function unsharedNote({ unshared, policies }: Samples): string[] {
  if (unshared.length === 0) return [];
  const [shown, rest] = [unshared.slice(0, CASES_NAMED), unshared.slice(CASES_NAMED)];
  const cases = listed([...shown, ...(rest.length === 0 ? [] : [`${rest.length} others`])]);
  return [`Left out, because not all of ${listed(policies)} were run there: ${cases}.`];
}

function missingNote({ missing }: Comparison): string[] {
  if (missing.length === 0) return [];
  return [`Without a figure in two worlds, and left out: ${listed(missing.map(({ name }) => name))}.`];
}

/** Waiting times of pods that still waited at the end are known from below only. */
function censoringNote({ policies, metrics }: Comparison, samples: Samples): string[] {
  if (!metrics.some(({ metric }) => metric.name.startsWith('pending.'))) return [];
  const waiting = valuesOf(samples, 'pods.never.bound');
  const counts = policies.flatMap((policy, index) => {
    const values = waiting[index] ?? [];
    const mean = values.length === 0 ? 0 : momentsOf(values).mean;
    return mean > 0 ? [`${formatNumber(mean, 1)} under ${policy}`] : [];
  });
  if (counts.length === 0) return [];
  return [`Pods that were never bound count with the time they had waited, a lower bound: ${listed(counts)} a run.`];
}

/** Where an interval reaches below 0 for a figure that cannot, a few worlds carry the mean: the middle one is told. */
function skewNote({ policies, metrics, level }: Comparison, samples: Samples): string[] {
  return metrics.flatMap(({ metric, means }) => {
    const values = valuesOf(samples, metric.name);
    const parts = means.flatMap(({ mean, low }, index) => {
      const list = values[index]!;
      if (low >= 0 || mean <= 0 || Math.min(...list) < 0) return [];
      const bounds = quantileInterval(list, 0.5, level);
      const tell = (value: number): string => formatMean(value, metric.unit);
      const range = bounds === undefined ? '' : ` [${tell(bounds.low)}, ${tell(bounds.high)}]`;
      return [`${tell(medianOf(list))}${range} under ${policies[index]} (mean ${tell(mean)})`];
    });
    if (parts.length === 0) return [];
    return [`A few worlds carry the mean of ${metric.judgement.noun}; the middle world has ${listed(parts)}.`];
  });
}

function pairingNote({ metrics }: Comparison): string[] {
  const rows = metrics.flatMap(({ metric, contrasts }) =>
    contrasts.map(({ pairs }) => ({ noun: metric.judgement.noun, ratio: pairs.varianceRatio })),
  );
  const useless = rows.filter(({ ratio }) => ratio !== undefined && ratio < 1).map(({ noun }) => noun);
  if (useless.length === 0) return [];
  return [`Common random numbers did not help with ${listed([...new Set(useless)])} (variance ratio below 1).`];
}

/** 13,719 as 14,000: it is an estimate. */
function twoDigits(count: number): number {
  return Number(count.toPrecision(2));
}

const CASES_NAMED = 4;

/** Intervals are of one difference each, findings are of all taken together. */
function bareNote({ metrics, level }: Comparison): string[] {
  const bare = metrics.flatMap(({ metric, contrasts }) =>
    contrasts
      .filter(({ pairs, finding }) => finding === 'unclear' && pairs.pValue < 1 - level)
      .map(({ policy }) => `${metric.judgement.noun} of ${policy}`),
  );
  if (bare.length === 0) return [];
  const where = bare.length <= CASES_NAMED ? listed(bare) : `${bare.length} further cases`;
  return [`By itself the interval would tell a difference in ${where}; among so many tests it may be chance.`];
}

function workloadsNote({ workloadsLeftOut }: Comparison): string[] {
  if (workloadsLeftOut === 0) return [];
  return [`The unavailability of each of ${workloadsLeftOut} workloads is compared with --metric ${eachWorkload}.`];
}

function powerNote({ metrics }: Comparison): string[] {
  const isTold = metrics.some(({ contrasts }) =>
    contrasts.some(({ finding, detectable }) => finding === 'unclear' && detectable !== undefined),
  );
  return isTold ? ['"Would have shown": a true difference of that size is found with a probability of 80 %.'] : [];
}

/** How many worlds it takes to know the differences as exactly as is wanted, metric by metric: of the policy that takes most. */
function planNote({ metrics, halfWidth }: Comparison, { isSerial }: Samples): string {
  const worlds = isSerial ? 'batches' : 'worlds';
  const width = `${formatNumber(100 * halfWidth, 2)} % of the baseline`;
  const rows = metrics
    .map(({ metric, contrasts, count }) => ({ noun: metric.judgement.noun, needed: mostNeeded(contrasts), count }))
    .filter(({ needed, count }) => needed > count)
    .sort((a, b) => b.needed - a.needed);
  const count = Math.max(0, ...metrics.map((compared) => compared.count));
  if (rows.length === 0) return `Every difference is known to ${width}: ${count} ${worlds} are enough for that.`;
  const [shown, rest] = [rows.slice(0, CASES_NAMED), rows.slice(CASES_NAMED)];
  const parts = shown.map(({ noun, needed }) => `${noun} ${aboutText(needed)}`);
  const more = rest.length === 0 ? [] : [`${rest.length} other ${rest.length === 1 ? 'metric' : 'metrics'} fewer`];
  const known = rows.length === metrics.length ? '' : ' All others are known so by now.';
  return `To know differences to ${width} takes so many ${worlds}: ${listed([...parts, ...more])}.${known}`;
}

function mostNeeded(contrasts: readonly Contrast[]): number {
  const varying = contrasts.filter(({ finding, pairs }) => finding !== 'same' && pairs.a.mean !== 0);
  return Math.max(0, ...varying.map(({ needed = Infinity }) => needed));
}

function aboutText(count: number): string {
  return count === Infinity ? 'more than a million' : `about ${formatNumber(twoDigits(count))}`;
}
