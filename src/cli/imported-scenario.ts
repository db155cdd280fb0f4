/** The files of an imported trace that people read and change. */
import { basename } from 'node:path';
import { HOUR, MINUTE } from '../engine/time.ts';
import type { ImportArguments } from './arguments.ts';

/** Options of the scenario, checked. */
export interface ImportOptions {
  readonly timeScale: number;
  /** Microseconds of the trace. */
  readonly fromUs: number;
  readonly toUs: number | undefined;
  readonly thin: number;
}

/** The default profile, and shares of devices beside it. */
export const sharingConfiguration = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - schedulerName: default-scheduler
    plugins:
      multiPoint:
        enabled:
          - name: GpuShare
`;

/** The scenario of a trace. @param trace whether its pods ask for devices, and when the last of them ends, microseconds. */
export function importedScenario(
  args: ImportArguments,
  options: ImportOptions,
  trace: { readonly hasDevices: boolean; readonly endUs: number },
): string {
  const lines = [
    'apiVersion: orrery.dev/v1alpha1',
    'kind: Scenario',
    'metadata:',
    `  name: ${nameOf(args.out)}`,
    'spec:',
    `  seed: 1`,
    ...(args.replay === 'timed' ? [`  horizon: ${horizonOf(options, trace.endUs)}`] : []),
    ...(args.nodes === undefined ? clusterLines : []),
    '  workload:',
    '    - trace:',
    '        format: csv',
    ...(args.nodes === undefined ? [] : ['        nodes: nodes.csv']),
    '        pods: pods.csv',
    `        replay: ${args.replay}`,
    ...timingLines(args, options),
    ...(trace.hasDevices ? ['  scheduler:', '    config: kube-scheduler.yaml'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** A cluster to begin with, for a trace that has none. */
const clusterLines = [
  '  cluster:',
  '    nodePools:',
  "      - { name: general, count: 100, zones: [a, b, c], capacity: { cpu: '32', memory: 128Gi } }",
];

function timingLines({ from, to, thin, ...args }: ImportArguments, { timeScale }: ImportOptions): readonly string[] {
  const bounds = [...(from === undefined ? [] : [`from: ${from}`]), ...(to === undefined ? [] : [`to: ${to}`])];
  return [
    ...(args['time-scale'] === undefined ? [] : [`        timeScale: ${timeScale}`]),
    ...(bounds.length === 0 ? [] : [`        window: { ${bounds.join(', ')} }`]),
    ...(thin === undefined ? [] : [`        thin: ${Number(thin)}`]),
  ];
}

/** Until the last end, in whole hours and with room for what has to wait. */
function horizonOf({ timeScale, fromUs, toUs }: ImportOptions, endUs: number): string {
  const spanUs = (Math.max(fromUs, Math.min(endUs, toUs ?? endUs)) - fromUs) * timeScale;
  return `${Math.ceil((spanUs + 10 * MINUTE) / HOUR)}h`;
}

function nameOf(out: string): string {
  const safe = basename(out)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
  return safe === '' ? 'trace' : safe;
}
