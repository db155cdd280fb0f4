/** What a comparison comes to, in a few sentences: the largest differences, and how many there are. */
import { groupBy } from '../../report/read-table.ts';
import type { ComparedMetric, Comparison, Contrast } from './comparison.ts';
import { effectOf, isDifferent } from './comparison.ts';
import { listed, phraseOf } from './verdicts.ts';

/** Policies that get a sentence of their own: more only where each of them is the best in something. */
const POLICIES_USUAL = 2;
const POLICIES_MAX = 3;
/** Parts of a sentence that praise, and parts that blame. */
const PHRASES_MAX = 3;
const NAMES_MAX = 3;

/**
 * The answer in two to four sentences: of each kind of metric the largest difference for the better and for the worse, and how many
 * of how many differences are significant. Of few policies each has its own largest differences. Figures of single workloads count
 * only where no other was compared.
 */
export function answerOf(comparison: Comparison): string {
  const { told, found } = foundOf(comparison);
  const [baseline = '', ...others] = comparison.policies;
  if (found.length === 0) return `No difference seen between ${unseen(baseline, others)}.`;
  const sentences = answeredPolicies(found, others).map(sentenceOf);
  const without = others.filter((policy) => !found.some(({ contrast }) => contrast.policy === policy));
  const total = told.length * others.length;
  return `Against ${baseline}, ${sentences.join(' ')} ${countSentence(found.length, total, without)}`;
}

/** The policy that the answer speaks of first; undefined where no difference was seen. */
export function leadingPolicy(comparison: Comparison): string | undefined {
  return answeredPolicies(foundOf(comparison).found, comparison.policies.slice(1))[0]?.policy;
}

/** What counts, and the differences in it. */
function foundOf({ metrics }: Comparison): {
  readonly told: readonly ComparedMetric[];
  readonly found: readonly Found[];
} {
  const whole = metrics.filter(({ isOfWorkload }) => !isOfWorkload);
  const told = whole.length === 0 ? metrics : whole;
  return { told, found: told.flatMap(findingsOf) };
}

function answeredPolicies(found: readonly Found[], others: readonly string[]): readonly ToldPolicy[] {
  const rivals =
    others.length > POLICIES_USUAL ? [found] : [...groupBy(found, ({ contrast }) => contrast.policy).values()];
  return toldPolicies(rivals.flatMap(largest), others);
}

function unseen(baseline: string, others: readonly string[]): string {
  return others.length === 1 ? `${others[0]} and ${baseline}` : `${baseline} and any of ${named(others)}`;
}

function countSentence(found: number, total: number, without: readonly string[]): string {
  const rest = without.length === 0 ? '' : `, none of them of ${named(without)}`;
  const [differences, are] = total === 1 ? ['difference', 'is'] : ['differences', 'are'];
  return `${found} of ${total} ${differences} ${are} significant after Holm's correction${rest}.`;
}

function named(policies: readonly string[]): string {
  return policies.length > NAMES_MAX ? `${policies.length} other policies` : listed(policies);
}

interface Found {
  readonly compared: ComparedMetric;
  readonly contrast: Contrast;
}

function findingsOf(compared: ComparedMetric): readonly Found[] {
  return compared.contrasts
    .filter(({ finding }) => isDifferent(finding))
    .map((contrast): Found => ({ compared, contrast }));
}

/** What a metric is about, whatever the percentile, the load or the workload: `pending` of `pending.p99`. */
function kindOf({ metric: { name } }: ComparedMetric): string {
  return name.replace(/\[.*|\.(at\.\d+|p\d+|min|max|mean|end)$/, '');
}

/** One finding of each kind of metric for the better, and one for the worse: of the surest metric the largest difference. */
function largest(found: readonly Found[]): readonly Found[] {
  const sides = groupBy(found, ({ compared, contrast }) => `${contrast.isBetter} ${kindOf(compared)}`);
  return [...sides.values()].map((side) => {
    const surest = side.reduce((best, next) => (effectOf(next.contrast) > effectOf(best.contrast) ? next : best));
    const rivals = side.filter(({ compared }) => compared === surest.compared);
    return rivals.reduce((best, next) => (sizeOf(next) > sizeOf(best) ? next : best));
  });
}

const sizeOf = ({ contrast }: Found): number => Math.abs(contrast.pairs.difference.mean);

interface ToldPolicy {
  readonly policy: string;
  readonly good: readonly Found[];
  readonly bad: readonly Found[];
}

/** Those that are the best in most first. */
function toldPolicies(found: readonly Found[], policies: readonly string[]): readonly ToldPolicy[] {
  const told = policies
    .map((policy): ToldPolicy => {
      const own = found.filter(({ contrast }) => contrast.policy === policy);
      const [good, bad] = [true, false].map((wanted) =>
        own
          .filter(({ contrast }) => (contrast.isBetter !== false) === wanted)
          .sort((a, b) => effectOf(b.contrast) - effectOf(a.contrast))
          .slice(0, PHRASES_MAX),
      ) as [Found[], Found[]];
      return { policy, good, bad };
    })
    .filter(({ good, bad }) => good.length + bad.length > 0)
    .sort((a, b) => b.good.length - a.good.length || b.bad.length - a.bad.length);
  const praised = told.filter(({ good }) => good.length > 0).length;
  return told.slice(0, Math.min(POLICIES_MAX, Math.max(POLICIES_USUAL, praised)));
}

function sentenceOf({ policy, good, bad }: ToldPolicy): string {
  const phrases = (list: readonly Found[]): string =>
    listed(list.map(({ compared, contrast }) => phraseOf(compared, contrast)));
  const [praise, blame] = [phrases(good), phrases(bad)];
  return `${policy} ${praise !== '' && blame !== '' ? `${praise}, but ${blame}` : praise + blame}.`;
}
