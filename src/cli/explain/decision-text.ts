/** The table of a decision for people: filters over all nodes, scores of the best five. */
import { formatClock } from '../../engine/time.ts';
import { formatNumber } from '../../report/format.ts';
import { count } from '../../scenario/diagnostics.ts';
import type {
  ExplainedDecision,
  FilterSummary,
  NodeVerdict,
  PluginScoreColumn,
  ScoreTable,
} from '../../scheduler/explained-decision.ts';
import { wrapText } from '../wrap-text.ts';

const WIDTH = 80;
const BEST = 5;
const NAMES_SHOWN = 4;

/** Lines of `explain pod --decision`. */
export function decisionLines(decision: ExplainedDecision): string[] {
  return [
    ...wrapText(decisionHead(decision), WIDTH, '  '),
    ...outcomeLines(decision),
    ...wrapText(searchText(decision), WIDTH, '  '),
    ...(decision.filters.length === 0 ? [] : ['', ...filterLines(decision)]),
    ...(decision.scores === undefined ? [] : ['', ...scoreLines(decision, decision.scores)]),
    ...(decision.scoresOfAll === undefined ? [] : ['', ...wrapText(sampledText(decision), WIDTH, '  ')]),
  ];
}

/** `pod shop/cart-x, attempt 2 at 00:00:03.120, profile default-scheduler`; `offer 12` where there is no clock. */
export function decisionHead({ namespace, pod, attempt, decidedAt, offer, profile }: ExplainedDecision): string {
  const when = offer === undefined ? `attempt ${attempt} at ${formatClock(decidedAt)}` : `offer ${formatNumber(offer)}`;
  return `pod ${namespace}/${pod}, ${when}, profile ${profile}`;
}

/** What the decision came to, in one sentence. */
export function outcomeLines({ outcome, scores }: ExplainedDecision): string[] {
  if (outcome.type !== 'scheduled') return wrapText(`${outcome.type}: ${outcome.message}`, WIDTH, '  ');
  const { score, tied, ties, devices = [] } = outcome;
  const node = devices.length === 0 ? outcome.node : `${outcome.node} (${devicesText(devices)})`;
  if (scores === undefined)
    return wrapText(ties === 1 ? `chose ${node}: no other node was feasible` : `chose ${node}`, WIDTH, '  ');
  const others = tied.filter((name) => name !== outcome.node);
  const tie = others.length === 0 ? 'no other node is as good' : `tied with ${named(others)}`;
  return wrapText(`chose ${node} with score ${formatNumber(score)}; ${tie}`, WIDTH, '  ');
}

function devicesText(devices: readonly number[]): string {
  return `${devices.length === 1 ? 'GPU' : 'GPUs'} ${devices.join(', ')}`;
}

function named(names: readonly string[]): string {
  const rest = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (rest > 0 ? ` and ${formatNumber(rest)} more` : '');
}

/** How many nodes the decision looked at, and which. */
function searchText({ nodes, feasibleNodes, wantedNodes, outcome, filters }: ExplainedDecision): string {
  const seen = nodes.filter(({ isLookedAt }) => isLookedAt).length;
  if (nodes.length === 0) return 'no node was looked at: what the pod asks for is not modelled';
  const all = count(nodes.length, 'node').replace(String(nodes.length), formatNumber(nodes.length));
  if (seen === 0)
    return `no node of ${all} was looked at: ${filters[0]?.plugin ?? 'PreFilter'} refused the pod as a whole`;
  const feasible = `${formatNumber(feasibleNodes)} feasible`;
  if (seen === nodes.length) return `looked at all ${all}, ${feasible}`;
  const { first, last } = circleOf(nodes);
  const where = seen === 1 ? first : `from ${first} to ${last}`;
  const isEnough = wantedNodes !== undefined && feasibleNodes >= wantedNodes && outcome.type === 'scheduled';
  const why = isEnough ? `: so many feasible nodes are enough (percentageOfNodesToScore)` : '';
  return `looked at ${formatNumber(seen)} of ${all} (${where}), ${feasible}${why}; the table below asks about all of them`;
}

/** The ends of the part of the circle of nodes that was looked at. */
function circleOf(nodes: readonly NodeVerdict[]): { readonly first: string; readonly last: string } {
  const at = (index: number): NodeVerdict => nodes[(index + nodes.length) % nodes.length]!;
  const isFirst = (index: number): boolean => at(index).isLookedAt && !at(index - 1).isLookedAt;
  const isLast = (index: number): boolean => at(index).isLookedAt && !at(index + 1).isLookedAt;
  const indices = nodes.map((_, index) => index);
  return { first: at(indices.find(isFirst) ?? 0).node, last: at(indices.findLast(isLast) ?? -1).node };
}

function filterLines({ filters, nodes }: ExplainedDecision): string[] {
  const ran = filters.filter(({ isSkipped }) => !isSkipped);
  const skipped = filters.filter(({ isSkipped }) => isSkipped).map(({ plugin }) => plugin);
  const width = Math.max(6, ...ran.map((filter) => titleOf(filter).length));
  const isSampled = nodes.some(({ isLookedAt }) => isLookedAt) && nodes.some(({ isLookedAt }) => !isLookedAt);
  const row = (title: string, cells: readonly string[], text: string): string[] => {
    const head = `  ${title.padEnd(width)}${cells.map((cell) => cell.padStart(9)).join('')}  `;
    return wrapText(head.replaceAll(' ', '\u00a0') + text, WIDTH, ' '.repeat(head.length)).map((line) =>
      line.trimEnd(),
    );
  };
  const cellsOf = (filter: FilterSummary): string[] => [
    formatNumber(filter.refused),
    ...(isSampled ? [formatNumber(filter.refusedOfLookedAt)] : []),
    formatNumber(filter.refusedAlone),
  ];
  const feasible = nodes.filter(({ refusal }) => refusal === undefined);
  const lookedAt = feasible.filter(({ isLookedAt }) => isLookedAt).length;
  return [
    ...wrapText(
      `Filters over ${formatNumber(nodes.length)} nodes; first: refuses before any other, ` +
        `${isSampled ? 'seen: of these looked at, ' : ''}alone: refuses by itself`,
      WIDTH,
      '  ',
    ),
    ...row('filter', ['first', ...(isSampled ? ['seen'] : []), 'alone'], ''),
    ...ran.flatMap((filter) => row(titleOf(filter), cellsOf(filter), reasonsText(filter))),
    ...row('feasible', [formatNumber(feasible.length), ...(isSampled ? [formatNumber(lookedAt)] : [])], ''),
    ...silentLines(skipped),
  ];
}

function silentLines(plugins: readonly string[]): string[] {
  if (plugins.length === 0) return [];
  return wrapText(`\u00a0\u00a0nothing to say to this pod: ${plugins.join(', ')}`, WIDTH, '    ');
}

function titleOf({ plugin, stage }: FilterSummary): string {
  return stage === 'Filter' ? plugin : `${plugin} (PreFilter)`;
}

/** `Insufficient cpu` where it is the only text, else `900 Insufficient cpu, 50 Too many pods`. */
function reasonsText({ reasons, refused }: FilterSummary): string {
  const parts = [...reasons].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return parts
    .map(([reason, amount]) =>
      parts.length === 1 && amount === refused ? reason : `${formatNumber(amount)} ${reason}`,
    )
    .join(', ');
}

/** Positions of the nodes of a table from the best on; equal ones in the order of the table, the chosen one first. */
export function ranking({ totals, nodes }: ScoreTable, chosen: string): readonly number[] {
  return totals
    .map((_, at) => at)
    .sort((a, b) => totals[b]! - totals[a]! || Number(nodes[b] === chosen) - Number(nodes[a] === chosen) || a - b);
}

function scoreLines({ outcome }: ExplainedDecision, table: ScoreTable): string[] {
  const chosen = outcome.type === 'scheduled' ? outcome.node : '';
  const best = ranking(table, chosen).slice(0, BEST);
  const top = table.totals[best[0]!];
  const note = (at: number): string => {
    if (table.nodes[at] === chosen) return '  chosen';
    return table.totals[at] === top ? '  tied' : '';
  };
  const width = Math.max(...best.map((at) => table.nodes[at]!.length));
  return [
    `Scores of ${formatNumber(table.nodes.length)} feasible nodes; the best ${best.length}`,
    ...best.map(
      (at, rank) => `  ${rank + 1}  ${table.nodes[at]!.padEnd(width)}  ${formatNumber(table.totals[at]!)}${note(at)}`,
    ),
    ...scoreGrid(
      table.plugins,
      best,
      best.map((_, rank) => String(rank + 1)),
    ),
    ...silentLines(table.skipped),
  ];
}

/** Raw, normalised and weighted scores of some nodes side by side, three lines for each plugin. */
export function scoreGrid(
  plugins: readonly PluginScoreColumn[],
  nodes: readonly number[],
  titles: readonly string[],
): string[] {
  const title = ({ plugin, weight }: PluginScoreColumn): string => `${plugin} x${weight}`;
  const width = Math.max(6, ...plugins.map((entry) => title(entry).length));
  const rows = plugins.flatMap((entry) => [
    [title(entry), 'raw', ...nodes.map((at) => formatNumber(entry.raw[at]!))],
    ['', 'normalised', ...nodes.map((at) => formatNumber(entry.normalized[at]!))],
    ['', 'weighted', ...nodes.map((at) => formatNumber(entry.weight * entry.normalized[at]!))],
  ]);
  const all = [['plugin', '', ...titles], ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => row[column + 2]!.length)));
  return all.map(([first, label, ...cells]) => {
    const numbers = cells.map((cell, column) => cell.padStart(widths[column]! + 2)).join('');
    return `  ${first!.padEnd(width)}  ${label!.padEnd(10)}${numbers}`.trimEnd();
  });
}

function sampledText({ scoresOfAll, outcome }: ExplainedDecision): string {
  const table = scoresOfAll!;
  const chosen = outcome.type === 'scheduled' ? outcome.node : '';
  const order = ranking(table, chosen);
  const best = order[0]!;
  const rank = order.findIndex((at) => table.nodes[at] === chosen) + 1;
  const head = `Had all nodes been looked at, ${formatNumber(table.nodes.length)} would have been feasible, and`;
  if (rank === 1)
    return `${head} ${chosen} would still be among the best (score ${formatNumber(table.totals[best]!)}).`;
  return (
    `${head} ${table.nodes[best]} the best with ${formatNumber(table.totals[best]!)}; ` +
    `${chosen} would have been number ${formatNumber(rank)} with ${formatNumber(table.totals[order[rank - 1]!]!)}.`
  );
}
