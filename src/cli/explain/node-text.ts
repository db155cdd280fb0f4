/** Why a decision did not take a node. */
import { formatResource } from '../../api/quantity.ts';
import { formatNumber } from '../../report/format.ts';
import type { ExplainedDecision, NodeVerdict, ScoreTable } from '../../scheduler/explained-decision.ts';
import { nearest } from '../../util/suggest.ts';
import { CliError } from '../cli-error.ts';
import { wrapText } from '../wrap-text.ts';
import { decisionHead, ranking, scoreGrid } from './decision-text.ts';

const WIDTH = 80;

/**
 * What the decision knew of a node.
 *
 * @throws CliError where there was no such node at that time.
 */
export function verdictOf({ nodes }: ExplainedDecision, name: string): NodeVerdict {
  const found = nodes.find(({ node }) => node === name);
  if (found !== undefined) return found;
  const names = nodes.map(({ node }) => node);
  const near = nearest(name, names);
  const hint =
    near === undefined ? `; it had ${names.length}, such as ${names[0] ?? 'none'}` : `; did you mean ${near}?`;
  throw new CliError(`orrery: the scheduler knew no node "${name}" at that moment${hint}`);
}

/** Lines of `explain pod --node N`. */
export function nodeLines(decision: ExplainedDecision, name: string): string[] {
  const verdict = verdictOf(decision, name);
  return [
    ...wrapText(`node ${name} for ${decisionHead(decision)}`, WIDTH, '  '),
    ...wrapText(whyNot(decision, verdict), WIDTH, '  '),
    '',
    ...filterLines(decision, verdict),
    ...(verdict.resources.length === 0 ? [] : ['', ...resourceLines(verdict)]),
    ...comparisonLines(decision, name),
  ];
}

/** One sentence: why the node was not chosen. */
export function whyNot({ outcome, scores, scoresOfAll }: ExplainedDecision, verdict: NodeVerdict): string {
  const { node, refusal, isLookedAt } = verdict;
  const chosen = outcome.type === 'scheduled' ? outcome.node : undefined;
  if (node === chosen) return 'it is the node that was chosen';
  const unseen = isLookedAt ? '' : ' (the decision did not look at it)';
  if (refusal !== undefined) {
    const who = refusal.plugin === '' ? 'refused' : `refused by ${refusal.plugin}`;
    return `${who}: ${refusal.reasons.join(', ')}${unseen}`;
  }
  if (chosen === undefined) return 'feasible, but the attempt failed for another reason';
  if (!isLookedAt)
    return `feasible, but not looked at: enough feasible nodes had been found before it; ${rankText(scoresOfAll, node, chosen)}`;
  const total = scores === undefined ? undefined : scores.totals[scores.nodes.indexOf(node)];
  if (scores === undefined || total === undefined)
    return 'feasible, and met when enough feasible nodes had been found: it ended the search and was not scored';
  const best = scores.totals[scores.nodes.indexOf(chosen)]!;
  if (total === best) return `as good as ${chosen}, with score ${formatNumber(total)}: the tie was broken against it`;
  return `feasible, with score ${formatNumber(total)} against ${formatNumber(best)} of ${chosen}`;
}

function rankText(table: ScoreTable | undefined, node: string, chosen: string): string {
  if (table === undefined) return `${chosen} was chosen`;
  const order = ranking(table, chosen);
  const rank = (name: string): number => order.findIndex((at) => table.nodes[at] === name) + 1;
  const total = (name: string): string => formatNumber(table.totals[table.nodes.indexOf(name)]!);
  return `among all it would have been number ${formatNumber(rank(node))} with ${total(node)}, ${chosen} number ${formatNumber(rank(chosen))} with ${total(chosen)}`;
}

function filterLines({ filters }: ExplainedDecision, { refusals }: NodeVerdict): string[] {
  const width = Math.max(0, ...filters.map(({ plugin }) => plugin.length));
  return filters.flatMap(({ plugin, isSkipped }) => {
    const refusal = refusals.find((entry) => entry.plugin === plugin);
    const passes = isSkipped ? 'nothing to say to this pod' : 'passes';
    const text = refusal === undefined ? passes : `refuses: ${refusal.reasons.join(', ')}`;
    const head = `  ${plugin.padEnd(width)}  `.replaceAll(' ', '\u00a0');
    return wrapText(head + text, WIDTH, ' '.repeat(width + 4));
  });
}

function resourceLines({ resources }: NodeVerdict): string[] {
  const rows = resources.map(({ name, asked, requested, allocatable }) => [
    name,
    ...[asked, allocatable - requested, allocatable].map((amount) => formatResource(name, amount)),
  ]);
  const all = [['resource', 'asked', 'free', 'allocatable'], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map(
    ([name, ...cells]) =>
      `  ${name!.padEnd(widths[0]!)}${cells.map((cell, column) => cell.padStart(widths[column + 1]! + 2)).join('')}`,
  );
}

/** Scores of the node beside those of the chosen one. */
function comparisonLines({ outcome, scores, scoresOfAll }: ExplainedDecision, name: string): string[] {
  if (outcome.type !== 'scheduled' || outcome.node === name) return [];
  const table = [scores, scoresOfAll].find((candidate) => candidate?.nodes.includes(name));
  if (table === undefined) return [];
  const places = [name, outcome.node].map((node) => table.nodes.indexOf(node));
  return ['', ...scoreGrid(table.plugins, places, [name, `${outcome.node} (chosen)`])];
}
