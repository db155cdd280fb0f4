import type { Cell, Column, ColumnType, Row, Table } from '../record/table.ts';
import type { ReportInput } from '../report/report-input.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const zones = ['a', 'b', 'c'];

/** Size of a made-up run; the defaults are 30 nodes, 200 pods and two hours in steps of a minute. */
export interface SampleOptions {
  readonly nodes: number;
  readonly pods: number;
  readonly horizonUs: number;
  readonly stepUs: number;
}

export const sampleOptions: SampleOptions = { nodes: 30, pods: 200, horizonUs: 120 * MINUTE, stepUs: MINUTE };

/**
 * Tables of a made-up run for the tests of charts and report: a node crashes at 12m, zone b is without power from 20m
 * to 50m, a registry is slow from 80m to 95m. No simulation stands behind them: only the shape of the figures is right.
 */
export function sampleTables(options: Partial<SampleOptions> = {}): Map<string, Table> {
  const world = new SampleWorld({ ...sampleOptions, ...options });
  const tables = [
    tableOf('summary', 'The figures of the run.', 'metric,value,unit', world.summary()),
    tableOf('pods', 'One row per pod.', POD_COLUMNS, world.pods()),
    tableOf('pod_lifecycle', 'Hops of a pod.', 'namespace,pod,uid,hop,t_s,delta_s', world.lifecycles()),
    tableOf('scheduling_attempts', 'Attempts.', ATTEMPT_COLUMNS, world.attempts()),
    tableOf('nodes', 'One row per node.', NODE_COLUMNS, world.nodes()),
    tableOf('timeseries', 'Means over steps.', 't_s,step_s,metric,subject,value_timeavg', world.timeseries()),
    tableOf('node_timeseries', 'Means over steps, per node.', NODE_SERIES_COLUMNS, world.nodeSeries()),
    tableOf('workloads', 'One row per workload.', WORKLOAD_COLUMNS, world.workloads()),
    tableOf('workload_timeseries', 'Means over steps, per workload.', WORKLOAD_SERIES_COLUMNS, world.workloadSeries()),
    tableOf('faults', 'One row per fault.', FAULT_COLUMNS, world.faults()),
    tableOf('zone_states', 'Zone states.', 'zone,state,from_t_s,to_t_s', world.zoneStates()),
    tableOf('disruptions', 'Ends of pods.', DISRUPTION_COLUMNS, world.disruptions()),
    tableOf('rollouts', 'Rollouts.', ROLLOUT_COLUMNS, world.rollouts()),
    tableOf('rollout_progress', 'Rollouts, over time.', PROGRESS_COLUMNS, world.rolloutProgress()),
    tableOf('events', 'Kubernetes events.', EVENT_COLUMNS, world.events()),
    tableOf('gpu_timeseries', 'GPUs.', GPU_COLUMNS, world.gpus()),
    tableOf('arrived_load', 'Curves.', 'load_pct,allocated_pct,fragmented_pct,fragment_ratio_pct', loadCurve()),
  ];
  return new Map(tables.map((table) => [table.name, table]));
}

/** Everything fits up to 90 %; from then on what is free is of no use. */
function loadCurve(): Row[] {
  return Array.from({ length: 131 }, (_, load) => {
    const allocated = Math.min(load, 90 + (load - 90) / 10);
    return [load, allocated, 14 - load / 13, Math.min(99, (100 * (14 - load / 13)) / (100 - allocated))];
  });
}

const POD_COLUMNS =
  'namespace,pod,uid,owner_kind,workload,node,zone,phase,priority,cpu_milli,memory_bytes,created_t_s,bound_t_s,' +
  'started_t_s,ready_t_s,finished_t_s,deleted_t_s,pending_s,restarts,attempts,reason';
const ATTEMPT_COLUMNS =
  't_s,namespace,pod,uid,attempt,result,node,evaluated_nodes,feasible_nodes,score,ties,duration_s,profile,message';
const NODE_COLUMNS =
  'node,zone,pool,cpu_milli,memory_bytes,pods,ready_s,not_ready_s,absent_s,cpu_requested_ratio_timeavg,' +
  'memory_requested_ratio_timeavg,pods_timeavg,pods_bound_total';
const NODE_SERIES_COLUMNS = 't_s,step_s,node,zone,cpu_requested_ratio_timeavg,ready_ratio';
const WORKLOAD_COLUMNS =
  'namespace,kind,workload,desired,ready_timeavg,availability_ratio,unavailable_s,longest_outage_s,restarts,pods_created';
const WORKLOAD_SERIES_COLUMNS = 't_s,step_s,namespace,kind,workload,desired,ready_timeavg';
const FAULT_COLUMNS =
  'id,kind,target,starts_t_s,ends_t_s,nodes,detected_t_s,tainted_t_s,evicted_t_s,recovered_t_s,pods_lost,' +
  'detected_after_s,recovered_after_s,restarted_t_s,recreated_t_s,scheduled_t_s,pulled_t_s,tolerated_s,recreated_for,taint_rule,' +
  'taken_over_t_s,bare_pods_lost,scheduler_taken_over_t_s,controllers_taken_over_t_s,leaders_lost,noticed_under,ready_became,' +
  'pods_hit,overtaken_by,without_leader,pressure_t_s,relieved_t_s,pods_evicted,pods_refused,pulls,pulls_failed';
const DISRUPTION_COLUMNS = 'namespace,kind,workload,reason,pods,first_t_s,last_t_s';
const ROLLOUT_COLUMNS =
  'namespace,workload,rollout,starts_t_s,ends_t_s,outcome,duration_s,desired,surge_max,available_min';
const PROGRESS_COLUMNS = 't_s,namespace,workload,rollout,desired,old,updated,available';
const GPU_COLUMNS =
  't_s,step_s,gpus_timeavg,given_gpus_timeavg,fragmented_gpus_timeavg,q1_gpus_timeavg,q2_gpus_timeavg,q3_gpus_timeavg,' +
  'q4_gpus_timeavg,xl_gpus_timeavg,xr_gpus_timeavg,na_gpus_timeavg';
const EVENT_COLUMNS = 'first_t_s,last_t_s,count,type,reason,namespace,kind,name,source,message';

const strings = new Set(
  (
    'metric unit namespace pod uid owner_kind workload node zone phase reason hop result profile message pool subject ' +
    'kind id target type name source state outcome recreated_for taint_rule'
  ).split(' '),
);

function typeOf(name: string): ColumnType {
  if (strings.has(name)) return 'string';
  if (name.endsWith('_s')) return 'seconds';
  return /ratio|timeavg|value/.test(name) ? 'number' : 'integer';
}

function tableOf(name: string, description: string, names: string, rows: Row[]): Table {
  const columns: Column[] = names
    .split(',')
    .map((column) => ({ name: column, type: typeOf(column), description: `What ${column} says.` }));
  return { name, description, columns, rows };
}

const workloads = [
  { namespace: 'shop', kind: 'Deployment', workload: 'frontend', desired: 40, dip: 0.3 },
  { namespace: 'shop', kind: 'Deployment', workload: 'checkout', desired: 24, dip: 0.55 },
  { namespace: 'shop', kind: 'StatefulSet', workload: 'cart-db', desired: 6, dip: 0.34 },
  { namespace: 'search', kind: 'Deployment', workload: 'search', desired: 30, dip: 0.2 },
  { namespace: 'data', kind: 'Deployment', workload: 'recommender', desired: 16, dip: 0.4 },
  { namespace: 'kube-system', kind: 'DaemonSet', workload: 'node-exporter', desired: 30, dip: 0.33 },
];

const hops = [
  ['user created Deployment', 0],
  ['created', 0.058],
  ['seen by scheduler', 0.008],
  ['bound', 0.031],
  ['seen by kubelet', 0.02],
  ['sandbox', 0.6],
  ['image pulled', 8.1],
  ['started', 0.35],
  ['ready', 2.0],
] as const;

class SampleWorld {
  private readonly options: SampleOptions;
  private state = 12345;

  constructor(options: SampleOptions) {
    this.options = options;
  }

  summary(): Row[] {
    return [
      ['pods.created', this.options.pods, 'pods'],
      ['pending.p99', 48.2, 's'],
    ];
  }

  pods(): Row[] {
    return this.range(this.options.pods).map((i) => {
      const owner = workloads[i % workloads.length]!;
      const created = this.us(this.next() * this.minutes() * 0.6);
      const isStuck = i % 67 === 66;
      const pending = isStuck ? this.options.horizonUs - created : this.pendingUs();
      const bound = isStuck ? undefined : created + pending;
      const ready = bound === undefined ? undefined : bound + this.us(0.2);
      const node = isStuck ? undefined : nodeName(i % this.options.nodes);
      const zone = isStuck ? undefined : zones[i % 3];
      return [
        ...[owner.namespace, podName(i), `uid-${i}`, owner.kind, owner.workload, node, zone],
        ...[isStuck ? 'Pending' : 'Running', 0, 500, 1 << 29, created, bound, ready, ready, undefined, undefined],
        ...[pending, 0, isStuck ? 17 : 1, isStuck ? 'Unschedulable' : undefined],
      ];
    });
  }

  /** Most pods wait milliseconds, some seconds, a few minutes. */
  private pendingUs(): number {
    const kind = this.next();
    if (kind < 0.7) return Math.round(12_000 * Math.exp(this.next() * 2));
    if (kind < 0.93) return Math.round(400_000 * Math.exp(this.next() * 3));
    return Math.round(20 * SECOND * Math.exp(this.next() * 2.5));
  }

  lifecycles(): Row[] {
    const rows: Row[] = [];
    for (const i of this.range(Math.min(this.options.pods, 40))) {
      const start = this.us(i / 3);
      let t = start;
      for (const [hop, seconds] of hops) {
        const delta = Math.round(seconds * (0.6 + this.next() * (1 + i / 20)) * SECOND);
        t += delta;
        rows.push([workloads[i % 6]!.namespace, podName(i), `uid-${i}`, hop, t, delta]);
      }
    }
    return rows;
  }

  attempts(): Row[] {
    return this.range(this.options.pods).map((i) => {
      const isPlaced = i % 67 !== 66;
      const node = isPlaced ? nodeName(i % this.options.nodes) : undefined;
      const message = isPlaced ? undefined : '0/30 nodes are available: 27 Insufficient cpu.';
      const counts = isPlaced ? [30, 14, 312, 2] : [30, 0, undefined, undefined];
      const result = isPlaced ? 'scheduled' : 'unschedulable';
      return [
        i * SECOND,
        'shop',
        podName(i),
        `uid-${i}`,
        1,
        result,
        node,
        ...counts,
        3000,
        'default-scheduler',
        message,
      ];
    });
  }

  nodes(): Row[] {
    return this.range(this.options.nodes).map((i) => {
      const down = i % 3 === 1 ? 30 * MINUTE : 0;
      const ready = this.options.horizonUs - down;
      return [nodeName(i), zones[i % 3], 'general', 16000, 68_719_476_736, 110, ready, down, 0, 0.6, 0.48, 7, 12];
    });
  }

  timeseries(): Row[] {
    return this.steps().flatMap((t) => {
      const lost = outageAt(t);
      const total = this.options.pods * Math.min(1, 0.3 + t / (30 * MINUTE));
      const done = total * 0.2 * (t / this.options.horizonUs);
      const pending = total * (0.02 + 0.2 * lost * (t > 25 * MINUTE ? 1 : 0));
      const unknown = total * 0.3 * lost * (t < 26 * MINUTE ? 1 : 0);
      const failed = t > 90 * MINUTE ? 3 : 0;
      const phases: [string, number][] = [
        ['Pending', pending],
        ['Running', total - done - pending - unknown - failed],
        ['Succeeded', done],
        ['Failed', failed],
        ['Unknown', unknown],
      ];
      const level = Math.min(1, 0.3 + t / (40 * MINUTE));
      return [
        ...phases.map(([phase, value]): Row => [t, this.options.stepUs, 'pods_by_phase', phase, value]),
        ...this.ratios(t, level, lost),
      ];
    });
  }

  /** A hundred GPUs; zone b has a third of them, and what is lost there is asked for elsewhere. */
  gpus(): Row[] {
    return this.steps().map((t) => {
      const all = 100 * (1 - outageAt(t) / 3);
      const given = all * 0.9 * Math.min(1, 0.3 + t / (40 * MINUTE));
      const free = all - given;
      const [q1, q2, q3, q4, xl] = [0.05, 0.3, 0.4, 0.1, 0.15].map((share) => share * free);
      return [t, this.options.stepUs, all, given, free - q3!, q1, q2, q3, q4, xl, 0, 0];
    });
  }

  private ratios(t: number, level: number, lost: number): Row[] {
    const series: [string, number][] = [
      ['cpu_requested_ratio', 0.62 * level + 0.2 * lost],
      ['memory_requested_ratio', 0.48 * level + 0.16 * lost],
      ['cpu_stranded_ratio', 0.05 + 0.03 * level],
      ['fragmentation_ratio', 0.21 - 0.08 * level],
      ['nodes_ready', this.options.nodes * (1 - lost / 3)],
      ['pending_pods', 3],
    ];
    return series.map(([metric, value]) => [t, this.options.stepUs, metric, undefined, value]);
  }

  nodeSeries(): Row[] {
    const rows: Row[] = [];
    for (const i of this.range(this.options.nodes)) {
      let level = 0.15 + this.next() * 0.3;
      for (const t of this.steps()) {
        if (this.next() < 0.15) level = Math.min(0.97, Math.max(0.05, level + this.next() * 0.22 - 0.07));
        const isDown = i % 3 === 1 && outageAt(t) > 0;
        const crashed = i === 10 && t >= 12 * MINUTE && t < 18 * MINUTE;
        const isEmpty = (isDown && t > 26 * MINUTE) || (crashed && t > 17 * MINUTE);
        if (isDown) level = 0.1;
        const ready = isDown || crashed ? 0 : 1;
        const full = isEmpty ? 0 : level;
        rows.push([t, this.options.stepUs, nodeName(i), zones[i % 3], full, ready]);
      }
    }
    return rows;
  }

  workloads(): Row[] {
    return workloads.map(({ namespace, kind, workload, desired, dip }) => {
      const unavailable = Math.round(dip * 12 * MINUTE);
      const ratio = 1 - unavailable / this.options.horizonUs;
      return [namespace, kind, workload, desired, desired * ratio, ratio, unavailable, unavailable, 3, desired + 9];
    });
  }

  workloadSeries(): Row[] {
    return workloads.flatMap(({ namespace, kind, workload, desired, dip }) =>
      this.steps().map((t): Row => {
        const wish = workload === 'frontend' && t > 70 * MINUTE ? desired + 10 : desired;
        const lost = kind === 'DaemonSet' ? outageAt(t) : recoveringAt(t);
        const starting = Math.min(1, (t + MINUTE) / (4 * MINUTE));
        const ready = Math.min(wish, wish * starting * (1 - dip * lost));
        return [t, this.options.stepUs, namespace, kind, workload, wish, ready];
      }),
    );
  }

  zoneStates(): Row[] {
    const at = (minutes: number): number => Math.round(minutes * MINUTE);
    return [
      ...zones.filter((zone) => zone !== 'b').map((zone): Row => [zone, 'Normal', 0, undefined]),
      ['b', 'Normal', 0, at(20.7)],
      ['b', 'FullDisruption', at(20.7), at(50)],
      ['b', 'Normal', at(50), undefined],
    ];
  }

  disruptions(): Row[] {
    return [
      ...workloads.map(({ namespace, kind, workload, desired }): Row => {
        return [namespace, kind, workload, 'taint eviction', Math.round(desired / 3), 20 * MINUTE, 26 * MINUTE];
      }),
      ['shop', 'Deployment', 'frontend', 'rollout', 4, 90 * MINUTE, 91 * MINUTE],
    ];
  }

  rollouts(): Row[] {
    const span = [90 * MINUTE, 92 * MINUTE] as const;
    return [['shop', 'frontend', 1, ...span, 'complete', 2 * MINUTE, 4, 1, 3]];
  }

  rolloutProgress(): Row[] {
    return this.range(9).map((i) => {
      const updated = Math.ceil(i / 2);
      const old = 4 - Math.floor(i / 2);
      return [90 * MINUTE + i * 15 * SECOND, 'shop', 'frontend', 1, 4, old, updated, 4 - (i % 2)];
    });
  }

  faults(): Row[] {
    const at = (minutes: number): number => Math.round(minutes * MINUTE);
    return [
      [
        'f1',
        'nodeCrash',
        nodeName(10),
        at(12),
        at(18),
        1,
        at(12.79),
        at(12.8),
        at(17.8),
        at(18.02),
        7,
        at(0.79),
        at(6.02),
        undefined,
        at(17.81),
        at(17.82),
        at(17.95),
        at(5),
        undefined,
        'node-eviction-rate 0.1/s',
      ],
      [
        'f2',
        'zoneOutage',
        'b',
        at(20),
        at(50),
        10,
        at(20.7),
        at(20.8),
        at(25.9),
        at(31.2),
        61,
        at(0.7),
        at(11.2),
        undefined,
        at(25.95),
        at(26),
        at(30),
        at(5),
        undefined,
        'node-eviction-rate 0.1/s',
      ],
      [
        'f3',
        'registryOutage',
        'registry.example',
        at(80),
        at(95),
        0,
        ...Array<Cell>(4).fill(undefined),
        0,
        ...[undefined, undefined],
      ],
    ];
  }

  events(): Row[] {
    return [
      [SECOND, 9 * SECOND, 4, 'Warning', 'FailedScheduling', 'shop', 'Pod', podName(66), 'default-scheduler', '0/30'],
    ];
  }

  private steps(): number[] {
    const { horizonUs, stepUs } = this.options;
    return this.range(Math.ceil(horizonUs / stepUs)).map((i) => i * stepUs);
  }

  private minutes(): number {
    return this.options.horizonUs / MINUTE;
  }

  private us(minutes: number): number {
    return Math.round(minutes * MINUTE);
  }

  private range(count: number): number[] {
    return Array.from({ length: count }, (_, i) => i);
  }

  /** A linear congruential generator: the sample is the same everywhere. */
  private next(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 4294967296;
  }
}

const nodeName = (i: number): string => `general-${zones[i % 3]}-${Math.floor(i / 3)}`;
const podName = (i: number): string => `${workloads[i % workloads.length]!.workload}-7d9f-${(i * 7919).toString(36)}`;

function outageAt(t: number): number {
  return t >= 20 * MINUTE && t < 50 * MINUTE ? 1 : 0;
}

/** Pods are lost at once and replaced after the eviction, from 26m to 31m. */
function recoveringAt(t: number): number {
  if (t < 20 * MINUTE || t > 31 * MINUTE) return 0;
  return t < 26 * MINUTE ? 1 : (31 * MINUTE - t) / (5 * MINUTE);
}

/** A report over the sample tables. */
export function sampleReport(options: Partial<SampleOptions> = {}): ReportInput {
  const { horizonUs } = { ...sampleOptions, ...options };
  return {
    title: 'Quickstart',
    question: 'What happens to the shop when zone b loses power?',
    answer: 'The shop stays up, but checkout runs below its minimum for 6m36s until the pods of zone b are replaced.',
    figures: [
      { label: 'availability of checkout', value: '94.50 %', detail: 'the worst of 6 workloads; 6m36s unavailable' },
      { label: 'time pending, p99', value: '48.2 s', detail: 'p50 63 ms, 2 pods never fitted' },
      { label: 'cpu requested', value: '61 %', detail: 'memory 48 %, stranded cpu 7 %' },
    ],
    story: [
      {
        t: 12 * MINUTE,
        what: 'node general-b-3 crashed',
        detail: 'Unknown after 47.4 s, 7 pods replaced and ready after 6m01s',
        chain: [
          { t: 12 * MINUTE, text: 'the machine of general-b-3 stops: no more leases' },
          { t: 12.79 * MINUTE, text: 'node lifecycle controller: Ready becomes Unknown' },
          { t: 17.8 * MINUTE, text: 'taint eviction: 7 pods deleted' },
        ],
      },
      {
        t: 20 * MINUTE,
        what: 'zone b lost power (10 nodes)',
        detail: '61 pods lost, recovered after 11m12s',
        chain: [],
      },
      { t: 80 * MINUTE, what: 'registry.example is down', detail: 'no pod needed an image in that time' },
    ],
    tables: sampleTables(options),
    horizonUs,
    seed: '42',
    scenarioName: 'quickstart',
    tieBreak: 'uniform',
    command: 'orrery run -f scenarios/quickstart.yaml --seed 42',
    versions: { orrery: '0.1.0', node: '20.20.2', kubernetes: '1.37' },
    fingerprints: new Map([['events', '7f3a'.repeat(16)]]),
    notModelled: [{ kind: 'PodMonitor monitoring.coreos.com/v1', count: 12 }],
    warnings: ['W007 apps/web.yaml:88:9: PodMonitor "web": kind not modelled; stored, but nothing acts on it'],
  };
}
