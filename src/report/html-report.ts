import { charts } from './charts/registry.ts';
import { formatDuration } from './format.ts';
import type { PageSection, ReportAssets } from './html-page.ts';
import { htmlPage } from './html-page.ts';
import {
  dictionarySection,
  eventsTable,
  limitsSection,
  nodesTable,
  reproduceSection,
  schedulingTables,
  storySection,
  workloadsTable,
} from './html-sections.ts';
import type { ReportInput } from './report-input.ts';

/** The report of a run as one HTML page that opens from disk and loads nothing, in pieces. */
export function htmlReport(input: ReportInput, assets: ReportAssets): readonly string[] {
  const about = [
    input.title,
    `scenario ${input.scenarioName}`,
    `seed ${input.seed}`,
    `Kubernetes ${input.versions.kubernetes} semantics`,
    `ties broken ${input.tieBreak}`,
    // A trace that was replayed in order took none.
    input.horizonUs === 0 ? 'without a clock' : `${formatDuration(input.horizonUs)} of virtual time`,
  ];
  const { question, answer, figures, versions } = input;
  const page = {
    ...{ question, about, answer, figures, orreryVersion: versions.orrery, input, charts, hints },
    lead: (figure: (name: string) => string) => figure('cluster-timeline'),
    sections: (figure: (name: string) => string) => sectionsOf(input, figure),
  };
  return htmlPage(page, assets);
}

function workloadFigures(figure: (name: string) => string, table: string): string {
  const below = ['disruptions', 'rollout-progress', 'pods-by-phase'].map(figure).join('');
  return figure('workload-availability') + table + below;
}

const hints = new Map([
  [
    'cluster-timeline',
    ' <span class="hint">Drag across the strip of faults to zoom all charts, double-click to see the whole run again; ' +
      'click a fault for its chain of causes.</span>',
  ],
]);

/** In the order in which questions come up. */
function sectionsOf(input: ReportInput, figure: (name: string) => string): readonly PageSection[] {
  return [
    [
      'happened',
      'What happened',
      storySection(input) + figure('recovery-waterfall') + figure('zone-states') + eventsTable(input),
    ],
    ['workloads', 'Workloads', workloadFigures(figure, workloadsTable(input))],
    [
      'scheduling',
      'Scheduling',
      figure('arrived-load') + figure('pending-time') + figure('pod-waterfall') + schedulingTables(input),
    ],
    [
      'nodes',
      'Nodes',
      figure('utilisation') + figure('node-occupancy') + figure('gpu-fragmentation') + nodesTable(input),
    ],
    ['limits', 'Limits of this run', limitsSection(input)],
    ['reproduce', 'How to get the same bytes again', reproduceSection(input)],
    ['dictionary', 'Data dictionary', dictionarySection(input)],
  ];
}
