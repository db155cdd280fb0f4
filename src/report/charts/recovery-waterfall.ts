import { defineChart } from '../define-chart.ts';
import type { ChartInput, View } from '../define-chart.ts';
import { formatDuration } from '../format.ts';
import { compareText, maybeNumber, numberOf, readTable, textOf } from '../read-table.ts';
import { PLOT_WIDTH, stageColors } from '../theme.ts';
import { fitText, textWidth } from '../text-width.ts';
import { secondsOf, timeX } from '../time-axis.ts';

const FAULTS_MAX = 20;
const ROW_HEIGHT = 40;
const NAME_PIXELS_MAX = 200;

/** The instants that end the stages, in the order in which they happen. */
const milestones = ['detected_t_s', 'tainted_t_s', 'evicted_t_s', 'recovered_t_s'] as const;
const milestoneNames = ['noticed', 'tainted', 'evicted', 'recovered'] as const;

interface Stage {
  readonly stage: string;
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

/** Faults somebody noticed, the longest recoveries first; times in microseconds since the start of the fault. */
function recoveriesOf(input: ChartInput): Recovery[] {
  const faults = readTable(input.tables, 'faults', ['id', 'kind', 'target', 'starts_t_s', ...milestones]);
  const recoveries = faults
    .filter((fault) => milestones.some((milestone) => fault[milestone] !== undefined))
    .map((fault): Recovery => {
      const start = numberOf(fault.starts_t_s);
      const stages: Stage[] = [];
      const story: string[] = [];
      let from = 0;
      for (const [index, milestone] of milestones.entries()) {
        const at = maybeNumber(fault[milestone]);
        if (at === undefined) continue;
        const to = Math.max(from, at - start);
        stages.push({ stage: stageColors[index]![0], fromUs: from, toUs: to });
        story.push(`${milestoneNames[index]} ${formatDuration(at - start)}`);
        from = to;
      }
      const isRecovered = fault.recovered_t_s !== undefined;
      if (!isRecovered) {
        const end = input.horizonUs - start;
        stages.push({ stage: stageColors[4]![0], fromUs: from, toUs: Math.max(from, end) });
        story.push('not recovered by the end of the run');
      }
      const label = `${textOf(fault.kind)} ${textOf(fault.target)}`.trim();
      return {
        label,
        id: textOf(fault.id),
        lastUs: stages.at(-1)!.toUs,
        isRecovered,
        stages,
        story: story.join(' · '),
      };
    });
  return recoveries.sort((a, b) => b.lastUs - a.lastUs || compareText(a.id, b.id));
}

function spec(input: ChartInput): View {
  const all = recoveriesOf(input);
  const recoveries = all.slice(0, FAULTS_MAX);
  const lengthUs = axisLength(recoveries);
  const frame = { horizonUs: lengthUs, isLabelled: true };
  const bars = recoveries.flatMap(({ stages }, row) =>
    stages.map(({ stage, fromUs, toUs }) => {
      return {
        t: secondsOf(fromUs),
        u: secondsOf(toUs),
        a: row + 0.42,
        b: row + 0.82,
        stage,
        lasted: formatDuration(toUs - fromUs),
      };
    }),
  );
  const y = { type: 'quantitative', scale: { domain: [recoveries.length, 0], nice: false }, axis: null };
  const x = timeX(frame);
  const axis = { ...(x['axis'] as View), grid: false, title: 'virtual time since the fault' };
  const which = `The ${FAULTS_MAX} longest of ${all.length}; what did not recover runs off the edge.`;
  return {
    title: all.length > FAULTS_MAX ? { subtitle: which } : {},
    width: PLOT_WIDTH,
    height: recoveries.length * ROW_HEIGHT,
    layer: [barLayer(bars, { ...x, axis }, y), ...textLayers(recoveries, y)],
  };
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

function textLayers(recoveries: readonly Recovery[], y: View): View[] {
  const labels = recoveries.map(({ label, story }, row) => {
    const name = fitText(label, NAME_PIXELS_MAX, 11);
    return { name, story, row: row + 0.24, dx: textWidth(name, 11, true) };
  });
  const text = (field: string, style: string, mark: View): View => ({
    data: { values: labels },
    mark: { type: 'text', style, baseline: 'middle', align: 'left', ...mark },
    encoding: { x: { value: 0 }, y: { ...y, field: 'row' }, text: { field } },
  });
  const widest = Math.max(...labels.map((label) => label.dx));
  return [text('name', 'strong', { dx: 2 }), text('story', 'note', { dx: Math.ceil(widest) + 16 })];
}

/** How long each fault took to be noticed, acted upon and healed. */
export const recoveryWaterfall = defineChart({
  name: 'recovery-waterfall',
  title: 'Recovery from faults',
  question: 'How long until each fault was noticed, acted upon and healed?',
  tables: ['faults'],
  applies: (input) => recoveriesOf(input).length > 0,
  spec,
});
