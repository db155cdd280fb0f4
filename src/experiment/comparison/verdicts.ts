/** What a comparison comes to, in sentences. */
import { formatNumber } from '../../report/format.ts';
import { tellDifference } from './amounts.ts';
import type { Comparison, ComparedMetric, Contrast } from './comparison.ts';
import { isDifferent } from './comparison.ts';

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

/** "most-allocated needs 16.1 % fewer node-hours, 95 % CI 15.4 to 16.9, n = 20"; for a metric in which a difference was found. */
export function verdictSentence(compared: ComparedMetric, contrast: Contrast, level: number): string {
  const { range } = tellDifference(contrast.pairs, compared.metric);
  return `${contrast.policy} ${phraseOf(compared, contrast)}, ${levelText(level)} CI ${range}, n = ${compared.count}`;
}

function phraseOf({ metric }: ComparedMetric, { pairs, finding }: Contrast): string {
  const [less, more] = metric.judgement.phrases;
  return (finding === 'less' ? less : more).replace('{}', tellDifference(pairs, metric).size);
}

/** A sentence for each metric in which each policy differs from the baseline, and one for all in which none was seen. */
export function verdictSentences({ metrics, level }: Comparison): readonly string[] {
  const found = metrics.flatMap((compared) =>
    compared.contrasts
      .filter(({ finding }) => isDifferent(finding))
      .map((contrast) => `${verdictSentence(compared, contrast, level)}.`),
  );
  const unseen = metrics.filter(({ contrasts }) => contrasts.every(({ finding }) => !isDifferent(finding)));
  return unseen.length === 0 ? found : [...found, `No difference seen in ${listed(unseen.map(nounOf))}.`];
}

const nounOf = ({ metric }: ComparedMetric): string => metric.judgement.noun;

/** The answer in one sentence for each policy: what it does better, what worse, and where nothing was seen. */
export function answerOf({ policies, metrics }: Comparison): string {
  const [baseline] = policies;
  const sentences = policies.slice(1).map((policy) => {
    const rows = metrics.map((compared) => ({
      compared,
      contrast: compared.contrasts.find((candidate) => candidate.policy === policy)!,
    }));
    const phrases = (isWanted: (contrast: Contrast) => boolean): string[] =>
      rows
        .filter(({ contrast }) => isDifferent(contrast.finding) && isWanted(contrast))
        .map(({ compared, contrast }) => phraseOf(compared, contrast));
    const good = phrases(({ isBetter }) => isBetter === true);
    const bad = phrases(({ isBetter }) => isBetter === false);
    const other = phrases(({ isBetter }) => isBetter === undefined);
    if (good.length + bad.length + other.length === 0) return `No difference seen between ${policy} and ${baseline}.`;
    const praise = listed([...good, ...other]);
    const blame = listed(bad);
    const both = praise !== '' && blame !== '' ? `${praise}, but ${blame}` : praise + blame;
    return `Against ${baseline}, ${policy} ${both}.`;
  });
  return sentences.join(' ');
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
