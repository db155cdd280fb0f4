import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { formatDuration } from '../format.ts';
import { compareText } from '../read-table.ts';
import { recoverySteps, toldFaults } from '../recovery-steps.ts';
import type { RecoveryStep, ToldFault } from '../recovery-steps.ts';
import { darkStages, PLOT_WIDTH, stageColors } from '../theme.ts';
import { fitText, textWidth } from '../text-width.ts';
import { secondsOf, timeX } from '../time-axis.ts';

const FAULTS_MAX = 20;
/** So many faults are shown step by step, one for each way in which a cluster recovers. */
const DETAILED_MAX = 3;
const ROW_HEIGHT = 18;
const NAME_PIXELS_MAX = 200;
/** A step that takes less than this part of the axis is drawn as long, so that it can be seen. */
const SHORTEST_BAR = 400;

const stageOfStep: ReadonlyMap<string, string> = new Map([
  ['detected', 'unnoticed'],
  ['pressing', 'unnoticed'],
  ['relieved', 'under pressure'],
  ['failed', 'unnoticed'],
  ['tainted', 'noticed, not yet tainted'],
  ['evicted', 'waiting for eviction'],
  ['restarted', 'waiting for the restart'],
  ['taken over', 'without a leader'],
  ['recreated', 'replacing pods'],
  ['scheduled', 'replacing pods'],
  ['pulled', 'replacing pods'],
]);

/** From one step to the next; microseconds since the fault. */
interface Stage {
  readonly stage: string;
  readonly step: RecoveryStep | undefined;
  readonly fromUs: number;
  readonly toUs: number;
}

interface Recovery {
  readonly label: string;
  readonly id: string;
  readonly lastUs: number;
  readonly isRecovered: boolean;
  readonly stages: readonly Stage[];
  readonly story: string;
}

/** Faults somebody noticed, the longest recoveries first. */
function recoveriesOf({ tables, horizonUs }: ChartInput): Recovery[] {
  return toldFaults(tables, horizonUs)
    .flatMap((fault) => recoveryOf(fault, horizonUs))
    .sort((a, b) => b.lastUs - a.lastUs || compareText(a.id, b.id));
}

function recoveryOf(fault: ToldFault, horizonUs: number): Recovery[] {
  const { kind, target, startsAt, id, podsLost, recreatedAt } = fault;
  const steps = recoverySteps(fault);
  if (steps.every(({ name }) => name === 'ready')) return [];
  const isReplacing = recreatedAt !== undefined || podsLost > 0;
  const stages: Stage[] = [];
  let from = 0;
  for (const step of steps) {
    const toUs = Math.max(from, step.at - startsAt);
    const stage = stageOfStep.get(step.name) ?? (isReplacing ? 'replacing pods' : 'getting ready');
    stages.push({ stage, step, fromUs: from, toUs });
    from = toUs;
  }
  const story = steps.map(({ name, at }) => `${name} ${formatDuration(at - startsAt)}`);
  const isRecovered = hasRecovered(fault);
  if (!isRecovered) {
    stages.push({ stage: 'not recovered', step: undefined, fromUs: from, toUs: Math.max(from, horizonUs - startsAt) });
    story.push('not recovered by the end of the run');
  }
  const label = `${kind} ${target}`.trim();
  return [{ label, id, lastUs: stages.at(-1)!.toUs, isRecovered, stages, story: story.join(' · ') }];
}

/** What took nothing but the leader of a component has recovered with the next one. */
function hasRecovered({ nodeCount, detectedAt, recoveredAt, takeOvers, leadersLost }: ToldFault): boolean {
  const isOfLeader = nodeCount === 0 && detectedAt === undefined;
  return recoveredAt !== undefined || (isOfLeader && takeOvers.length >= leadersLost);
}

/** Which of the recoveries are shown step by step: the longest of each way. */
function detailed(recoveries: readonly Recovery[]): ReadonlySet<Recovery> {
  const ways = new Map<string, Recovery>();
  for (const recovery of recoveries) {
    const way = recovery.stages.map(({ stage }) => stage).join();
    if (ways.size < DETAILED_MAX && !ways.has(way)) ways.set(way, recovery);
  }
  return new Set(ways.values());
}

interface Rows {
  readonly bars: View[];
  readonly heads: View[];
  readonly names: View[];
  readonly notes: View[];
  height: number;
}

function spec(input: ChartInput): View {
  const all = recoveriesOf(input);
  const recoveries = all.slice(0, FAULTS_MAX);
  const lengthUs = axisLength(recoveries);
  const details = detailed(recoveries);
  const rows: Rows = { bars: [], heads: [], names: [], notes: [], height: 0 };
  for (const recovery of recoveries) {
    if (details.has(recovery)) addSteps(rows, recovery, lengthUs);
    else addBar(rows, recovery);
  }
  const y = { type: 'quantitative', scale: { domain: [rows.height, 0], nice: false }, axis: null };
  const x = timeX({ horizonUs: lengthUs, isLabelled: true });
  const axis = { ...(x['axis'] as View), grid: false, title: 'virtual time since the fault' };
  const which = `The ${FAULTS_MAX} longest of ${all.length}; what did not recover runs off the edge.`;
  return {
    title: all.length > FAULTS_MAX ? { subtitle: which } : {},
    width: PLOT_WIDTH,
    height: Math.round(rows.height * ROW_HEIGHT),
    layer: [barLayer(rows.bars, { ...x, axis }, y), ...textLayers(rows, { ...x, axis }, y)],
  };
}

/** One bar for all stages, with what they are in words above it. */
function addBar(rows: Rows, recovery: Recovery): void {
  addHead(rows, recovery);
  for (const stage of recovery.stages) rows.bars.push(barOf(stage, rows.height));
  rows.height += 1.3;
}

/** A row for each step: when it came, how long that took, and the rule behind it. */
function addSteps(rows: Rows, recovery: Recovery, lengthUs: number): void {
  addHead(rows, recovery);
  for (const stage of recovery.stages) {
    const { step, fromUs, toUs } = stage;
    const lasted = formatDuration(toUs - fromUs);
    const text = step === undefined ? lasted : `${lasted} · ${step.rule}`;
    rows.bars.push(barOf({ ...stage, toUs: Math.max(toUs, fromUs + lengthUs / SHORTEST_BAR) }, rows.height));
    rows.names.push({ row: rows.height + 0.5, text: step?.name ?? 'not recovered' });
    rows.notes.push({ row: rows.height + 0.5, text, ...placeOf(text, fromUs / lengthUs, toUs / lengthUs, stage) });
    rows.height += 1;
  }
  rows.height += 0.5;
}

function addHead(rows: Rows, { label, story }: Recovery): void {
  const name = fitText(label, NAME_PIXELS_MAX, 11);
  rows.heads.push({ row: rows.height + 0.5, name, story, left: Math.ceil(textWidth(name, 11, true)) + 16 });
  rows.height += 1;
}

function barOf({ stage, fromUs, toUs }: Stage, row: number): View {
  const lasted = formatDuration(toUs - fromUs);
  return { t: secondsOf(fromUs), u: secondsOf(toUs), a: row + 0.14, b: row + 0.86, stage, lasted };
}

/** Beside the bar where there is room: to its right, to its left, else upon it. */
function placeOf(text: string, from: number, to: number, { fromUs, toUs, stage }: Stage): View {
  const needed = (textWidth(text, 11) + 14) / PLOT_WIDTH;
  if (1 - to >= needed) return { t: secondsOf(toUs), align: 'left' };
  if (from >= needed) return { t: secondsOf(fromUs), align: 'right' };
  return { t: secondsOf(fromUs), align: darkStages.has(stage) ? 'upon dark' : 'upon' };
}

/** Long enough for what recovered; what did not runs off the edge, as it would have to. */
function axisLength(recoveries: readonly Recovery[]): number {
  const recovered = recoveries.filter((recovery) => recovery.isRecovered);
  const longest = Math.max(1, ...(recovered.length > 0 ? recovered : recoveries).map((recovery) => recovery.lastUs));
  return recovered.length < recoveries.length ? Math.round(longest * 1.2) : longest;
}

function barLayer(bars: readonly View[], x: View, y: View): View {
  const present = stageColors.filter(([stage]) => bars.some((bar) => bar['stage'] === stage));
  return {
    data: { values: bars },
    mark: { type: 'rect', tooltip: true, stroke: null, clip: true },
    encoding: {
      x,
      x2: { field: 'u' },
      y: { ...y, field: 'a' },
      y2: { field: 'b' },
      color: {
        field: 'stage',
        type: 'nominal',
        scale: { domain: present.map(([stage]) => stage), range: present.map(([, color]) => color) },
        legend: { title: null, orient: 'top', direction: 'horizontal', offset: 10 },
      },
      tooltip: [
        { field: 'stage', type: 'nominal' },
        { field: 'lasted', type: 'nominal' },
      ],
    },
  };
}

function textLayers({ heads, names, notes }: Rows, x: View, y: View): View[] {
  const layer = (values: readonly View[], field: string, style: string, mark: View, place: View): View => ({
    data: { values },
    mark: { type: 'text', style, baseline: 'middle', align: 'left', ...mark },
    encoding: { x: place, y: { ...y, field: 'row' }, text: { field } },
  });
  const start = { value: 0 };
  const at = (align: string): View[] => notes.filter((note) => note['align'] === align);
  const widest = Math.max(...heads.map((head) => Number(head['left'])));
  return [
    layer(heads, 'name', 'strong', { dx: 2 }, start),
    layer(heads, 'story', 'note', { dx: widest }, start),
    layer(names, 'text', 'label', { align: 'right', dx: -8 }, start),
    layer(at('left'), 'text', 'note', { dx: 6 }, x),
    layer(at('right'), 'text', 'note', { align: 'right', dx: -6 }, x),
    layer(at('upon'), 'text', 'label', { dx: 6 }, x),
    layer(at('upon dark'), 'text', 'label', { dx: 6, color: '#ffffff' }, x),
  ].filter(({ data }) => (data as { values: unknown[] }).values.length > 0);
}

/** How long each fault took to be noticed, acted upon and healed. */
export const recoveryWaterfall = defineChart({
  name: 'recovery-waterfall',
  title: 'Recovery from faults',
  question: 'How long until each fault was noticed, acted upon and healed, and by which rule?',
  tables: ['faults'],
  applies: (input) => recoveriesOf(input).length > 0,
  spec,
});
