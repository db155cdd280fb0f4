/** What a comparison comes to, in sentences. */
import { formatNumber } from '../../report/format.ts';
import { tellAbsolute, tellAmount, tellDifference, tellEffect } from './amounts.ts';
import type { Comparison, ComparedMetric, Contrast, Finding } from './comparison.ts';
import { isDifferent } from './comparison.ts';
import { outcomesOf, outcomeSentences } from './outcomes.ts';
import type { Samples } from './samples.ts';

/** "95 %". */
export function levelText(level: number): string {
  return `${formatNumber(100 * level, 2)} %`;
}

/** One or two words for a table: "faster", "no difference seen". */
export function verdictWord({ metric }: ComparedMetric, { finding }: Contrast): string {
  if (finding === 'same') return 'the same';
  if (finding === 'unclear') return 'no difference seen';
  const [less, more] = metric.judgement.words;
  return finding === 'less' ? less : more;
}

/**
 * "most-allocated needs 16.1 % (1,582) fewer node-hours, 95 % CI 15.4 to 16.9, n = 20, d = −3.2."; for a metric in which a difference
 * was found.
 */
function verdictSentence(compared: ComparedMetric, contrast: Contrast, level: number): string {
  const { pairs, policy } = contrast;
  const { range, isShare } = tellDifference(pairs, compared.metric);
  const amount = isShare ? ` (${tellAbsolute(pairs, compared.metric).size})` : '';
  const size = pairs.effect === undefined ? '' : `, ${tellEffect(pairs.effect.cohenD)}`;
  return `${policy} ${phraseOf(compared, contrast, amount)}, ${levelText(level)} CI ${range}, n = ${compared.count}${size}.`;
}

/** "needs 16.1 % fewer node-hours", of a metric in which a difference was found; `amount` follows the size. */
export function phraseOf({ metric }: ComparedMetric, { pairs, finding }: Contrast, amount = ''): string {
  const [less, more] = metric.judgement.phrases;
  return (finding === 'less' ? less : more).replace('{}', tellDifference(pairs, metric).size + amount);
}

/**
 * A sentence for each metric in which each policy differs from the baseline, one of each policy for all in which nothing was
 * seen, with what would have been, and one for those that are the same in every world.
 */
export function verdictSentences({ metrics, level, policies }: Comparison): readonly string[] {
  const found = metrics.flatMap((compared) =>
    compared.contrasts
      .filter(({ finding }) => isDifferent(finding))
      .map((contrast) => verdictSentence(compared, contrast, level)),
  );
  const others = policies.slice(1).flatMap((policy, index) => {
    const rows = metrics.map((compared) => ({ compared, contrast: compared.contrasts[index]! }));
    const nouns = (wanted: Finding, tail: (row: (typeof rows)[number]) => string): string =>
      listed(
        rows
          .filter(({ contrast }) => contrast.finding === wanted)
          .map((row) => row.compared.metric.judgement.noun + tail(row)),
      );
    const unclear = nouns('unclear', ({ compared, contrast }) => wouldHaveShown(compared, contrast));
    const same = nouns('same', () => '');
    return [
      ...(unclear === '' ? [] : [`${policy}: no difference seen in ${unclear}.`]),
      ...(same === '' ? [] : [`${policy}: always the same: ${same}.`]),
    ];
  });
  return [...found, ...others];
}

/** Everything that is known, in sentences: differences, and in how many worlds it went well. */
export function findingSentences(comparison: Comparison, samples: Samples): readonly string[] {
  return [...verdictSentences(comparison), ...outcomeSentences(outcomesOf(samples, comparison.level))];
}

/** " (2.3 % would have shown)": what the worlds are enough for. */
function wouldHaveShown({ metric }: ComparedMetric, { detectable }: Contrast): string {
  return detectable === undefined ? '' : ` (${tellAmount(detectable, metric)} would have shown)`;
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
