/** A decision as data for programs: deterministic, virtual time in seconds as decimal text. */
import { formatSeconds } from '../../engine/time.ts';
import type { ExplainedDecision, FilterSummary, ScoreTable } from '../../scheduler/explained-decision.ts';

/** What `explain pod --decision -o json` prints of a decision. */
export function decisionJson(decision: ExplainedDecision): Record<string, unknown> {
  const { decidedAt, attempt, offer, filters, nodes, scores, scoresOfAll, ...rest } = decision;
  return {
    ...rest,
    ...(offer === undefined ? { attempt, t_s: formatSeconds(decidedAt) } : { offer }),
    filters: filters.map(filterJson),
    scores: scores && scoresJson(scores),
    scoresOfAllNodes: scoresOfAll && scoresJson(scoresOfAll),
    nodes,
  };
}

function filterJson({ reasons, ...rest }: FilterSummary): unknown {
  return { ...rest, reasons: Object.fromEntries(reasons) };
}

/** One entry per node, best first. */
function scoresJson({ nodes, plugins, totals, skipped }: ScoreTable): unknown {
  const order = nodes.map((_, at) => at).sort((a, b) => totals[b]! - totals[a]! || a - b);
  return {
    skipped,
    nodes: order.map((at) => ({
      node: nodes[at],
      total: totals[at],
      plugins: plugins.map(({ plugin, weight, raw, normalized }) => ({
        ...{ plugin, weight, raw: raw[at], normalized: normalized[at] },
        weighted: weight * normalized[at]!,
      })),
    })),
  };
}
