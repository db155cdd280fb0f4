import { csvFileName } from './write-tables.ts';
import { escapeHtml, htmlTable } from './html-escape.ts';
import { formatClock, formatDuration, formatNumber, formatPercent } from './format.ts';
import { compareText, groupBy, maybeNumber, numberOf, readTable, textOf } from './read-table.ts';
import type { ReportInput, StoryItem } from './report-input.ts';

/** What happened after these is folded away: the page stays short however many faults there are. */
const STORY_SHOWN = 25;
const ROWS_MAX = 50;
const REASONS_MAX = 10;
const EVENTS_MAX = 20;

/** The list of what happened, each item with its chain of causes to unfold. */
export function storySection(input: ReportInput): string {
  if (input.story.length === 0) return '<p>No fault and no action: the workload ran undisturbed.</p>';
  const items = input.story.map(storyItem);
  const rest = items.slice(STORY_SHOWN);
  const folded =
    rest.length === 0 ? '' : `\n<details><summary>${rest.length} more</summary>\n${rest.join('\n')}\n</details>`;
  return `<div class="story">\n${items.slice(0, STORY_SHOWN).join('\n')}${folded}\n</div>`;
}

function storyItem(item: StoryItem, index: number): string {
  const chain = item.chain ?? [];
  const head = `<time>${formatClock(item.t)}</time><span>${escapeHtml(item.what)} <span class="detail">${escapeHtml(item.detail)}</span></span>`;
  const links = chain.map(({ t, text }) => `<li><time>${formatClock(t)}</time><span>${escapeHtml(text)}</span></li>`);
  const list = links.length === 0 ? '' : `<ol class="chain">\n${links.join('\n')}\n</ol>`;
  const bare = links.length === 0 ? ' class="bare"' : '';
  return `<details id="story-${index}" data-t="${item.t / 1_000_000}"${bare}><summary>${head}</summary>${list}</details>`;
}

/** Workloads that serve, longest unavailable first; Jobs have no availability and are counted below. */
export function workloadsTable(input: ReportInput): string {
  const columns = [
    ...(['namespace', 'kind', 'workload', 'desired', 'availability_ratio', 'unavailable_s'] as const),
    ...(['longest_outage_s', 'restarts', 'pods_created'] as const),
  ];
  const all = readTable(input.tables, 'workloads', columns);
  const rows = all.filter((row) => row.availability_ratio !== undefined);
  rows.sort(
    (a, b) =>
      numberOf(b.unavailable_s) - numberOf(a.unavailable_s) ||
      compareText(`${textOf(a.namespace)}/${textOf(a.workload)}`, `${textOf(b.namespace)}/${textOf(b.workload)}`),
  );
  const lines = rows
    .slice(0, ROWS_MAX)
    .map((row) => [
      `${textOf(row.namespace)}/${textOf(row.workload)}`,
      textOf(row.kind),
      formatNumber(numberOf(row.desired)),
      formatPercent(numberOf(row.availability_ratio)),
      formatDuration(numberOf(row.unavailable_s)),
      formatDuration(numberOf(row.longest_outage_s)),
      formatNumber(numberOf(row.restarts)),
      formatNumber(numberOf(row.pods_created)),
    ]);
  const head = [
    'workload',
    'kind',
    'desired',
    'available',
    'unavailable',
    'longest outage',
    'restarts',
    'pods created',
  ];
  const table = lines.length === 0 ? '' : htmlTable(head, lines, [2, 3, 4, 5, 6, 7]);
  return table + restNote(rows.length, 'workloads') + jobsNote(all.length - rows.length);
}

function jobsNote(count: number): string {
  if (count === 0) return '';
  const jobs = count === 1 ? 'One Job is' : `${formatNumber(count)} Jobs are`;
  return `<p class="note">${jobs} in <a href="${csvFileName('workloads')}">${csvFileName('workloads')}</a>.</p>`;
}

function restNote(total: number, table: string, shown = ROWS_MAX): string {
  if (total <= shown) return '';
  return `<p class="note">${shown} of ${total} rows; all are in <a href="${csvFileName(table)}">${csvFileName(table)}</a>.</p>`;
}

/** Outcomes of scheduling attempts, the most frequent reasons, and pods no node was found for. */
export function schedulingTables(input: ReportInput): string {
  const attempts = readTable(input.tables, 'scheduling_attempts', ['result', 'message']);
  const results = [...groupBy(attempts, (attempt) => textOf(attempt.result))].map(([result, rows]) => [
    result,
    formatNumber(rows.length),
    formatPercent(rows.length / attempts.length),
  ]);
  const refused = attempts.filter((attempt) => textOf(attempt.message) !== '');
  const reasons = [...groupBy(refused, (attempt) => textOf(attempt.message))]
    .sort(([a, rowsA], [b, rowsB]) => rowsB.length - rowsA.length || compareText(a, b))
    .slice(0, REASONS_MAX)
    .map(([message, rows]) => [formatNumber(rows.length), message]);
  return [
    section('Attempts', results.length, htmlTable(['result', 'attempts', 'share'], results, [1, 2])),
    section('Reasons, most frequent first', reasons.length, htmlTable(['attempts', 'message'], reasons, [0])),
    unplacedPods(input),
  ].join('\n');
}

function unplacedPods(input: ReportInput): string {
  const columns = ['namespace', 'pod', 'phase', 'pending_s', 'attempts', 'reason', 'bound_t_s'] as const;
  const pods = readTable(input.tables, 'pods', columns).filter((pod) => pod.bound_t_s === undefined);
  pods.sort((a, b) => numberOf(b.pending_s) - numberOf(a.pending_s) || compareText(textOf(a.pod), textOf(b.pod)));
  const lines = pods
    .slice(0, REASONS_MAX)
    .map((pod) => [
      `${textOf(pod.namespace)}/${textOf(pod.pod)}`,
      formatDuration(numberOf(pod.pending_s)),
      formatNumber(numberOf(pod.attempts)),
      textOf(pod.reason),
    ]);
  const table = htmlTable(['pod', 'pending', 'attempts', 'reason'], lines, [1, 2]);
  return section('Pods without a node', lines.length, table + restNote(pods.length, 'pods', REASONS_MAX));
}

function section(title: string, count: number, html: string): string {
  return count === 0 ? '' : `<h3>${escapeHtml(title)}</h3>\n${html}`;
}

/** Nodes by pool and zone. */
export function nodesTable(input: ReportInput): string {
  const columns = [
    ...(['pool', 'zone', 'not_ready_s', 'cpu_requested_ratio_timeavg'] as const),
    ...(['memory_requested_ratio_timeavg', 'pods_timeavg'] as const),
  ];
  const nodes = readTable(input.tables, 'nodes', columns);
  const groups = [...groupBy(nodes, (node) => `${textOf(node.pool)}\u0000${textOf(node.zone)}`).values()];
  const lines = groups.map((group) => {
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    return [
      textOf(group[0]!.pool),
      textOf(group[0]!.zone),
      formatNumber(group.length),
      formatPercent(mean(group.map((node) => numberOf(node.cpu_requested_ratio_timeavg)))),
      formatPercent(mean(group.map((node) => numberOf(node.memory_requested_ratio_timeavg)))),
      formatNumber(mean(group.map((node) => numberOf(node.pods_timeavg))), 1),
      formatDuration(group.reduce((sum, node) => sum + numberOf(node.not_ready_s), 0)),
    ];
  });
  const head = ['pool', 'zone', 'nodes', 'cpu requested', 'memory requested', 'pods a node', 'not ready (sum)'];
  return section('Pools and zones, means over the run', lines.length, htmlTable(head, lines, [2, 3, 4, 5, 6]));
}

/** The Kubernetes events seen most often. */
export function eventsTable(input: ReportInput): string {
  const columns = ['first_t_s', 'last_t_s', 'count', 'type', 'reason', 'kind', 'source', 'message'] as const;
  const events = readTable(input.tables, 'events', columns);
  const groups = [...groupBy(events, (event) => [event.type, event.reason, event.kind, event.source].join('\u0000'))];
  const lines = groups
    .map(([key, rows]) => {
      const count = rows.reduce((sum, row) => sum + (maybeNumber(row.count) ?? 1), 0);
      const first = rows.reduce((least, row) => Math.min(least, numberOf(row.first_t_s)), Infinity);
      return { key, count, first, row: rows[0]! };
    })
    .sort((a, b) => b.count - a.count || compareText(a.key, b.key))
    .slice(0, EVENTS_MAX)
    .map(({ count, first, row }) => [
      ...[formatNumber(count), textOf(row.type), textOf(row.reason), textOf(row.kind), textOf(row.source)],
      formatClock(first),
      textOf(row.message),
    ]);
  const head = ['count', 'type', 'reason', 'kind', 'source', 'first', 'for example'];
  const table = htmlTable(head, lines, [0]) + restNote(groups.length, 'events', EVENTS_MAX);
  return section('Kubernetes events, most frequent first', lines.length, table);
}

/** What the run left out and what it warned about. */
export function limitsSection(input: ReportInput): string {
  const kinds = input.notModelled.map(({ kind, count }) => [kind, formatNumber(count)]);
  const warnings = input.warnings.map((warning) => `<p class="warning">${escapeHtml(warning)}</p>`).join('\n');
  if (kinds.length === 0 && warnings === '')
    return '<p>No object of the input was left out, and nothing was warned about.</p>';
  const table = htmlTable(['kind', 'objects'], kinds, [1]);
  return warnings + section('Kinds that are stored, but on which nothing acts', kinds.length, table);
}

/** Command, seed, versions and fingerprints. */
export function reproduceSection(input: ReportInput): string {
  const { versions } = input;
  const facts = [
    ['scenario', input.scenarioName],
    ['seed', input.seed],
    ['kube-orrery', versions.orrery],
    ['Node.js', versions.node],
    ['Kubernetes semantics', versions.kubernetes],
    ...(input.horizonUs === 0 ? [] : [['virtual time', formatDuration(input.horizonUs)]]),
  ];
  const digests = [...input.fingerprints].map(([what, digest]) => [what, digest]);
  return [
    '<p>The same command gives the same bytes, on any machine:</p>',
    `<pre>${escapeHtml(input.command)}</pre>`,
    htmlTable(['what', 'value'], facts),
    section('Fingerprints (SHA-256)', digests.length, htmlTable(['over', 'digest'], digests)),
  ].join('\n');
}

/** All tables with all their columns. */
export function dictionarySection(input: Pick<ReportInput, 'tables'>): string {
  return [...input.tables.values()]
    .map((table) => {
      const columns = table.columns.map(({ name, type, description }) => [name, type, description]);
      const file = escapeHtml(csvFileName(table.name));
      const link = `<p>${escapeHtml(table.description)} <a href="${file}">data (CSV)</a></p>`;
      const list = htmlTable(['column', 'type', 'meaning'], columns);
      return `<details><summary><code>${file}</code></summary>${link}${list}</details>`;
    })
    .join('\n');
}
