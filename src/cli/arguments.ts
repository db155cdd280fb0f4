/** What the parser gives to the commands; apart from them, so that their work can be loaded when it is asked for. */

/** Forms of the summary of a run. */
export const summaryFormats = ['text', 'wide', 'json', 'yaml', 'name'] as const;

/** What `orrery list` can list. */
export const listTopics = ['plugins', 'controllers', 'faults', 'presets', 'metrics', 'charts', 'scenarios'] as const;

/** Forms of a list. */
export const listFormats = ['text', 'wide', 'json', 'name'] as const;

/** Arguments of `orrery run`. */
export interface RunArguments {
  readonly file: readonly string[];
  readonly seed: string | undefined;
  readonly replication: string | undefined;
  readonly until: string | undefined;
  readonly set: readonly string[] | undefined;
  readonly out: string;
  readonly check: 'off' | 'cheap' | 'full';
  readonly charts: boolean;
  readonly report: boolean;
  readonly output: (typeof summaryFormats)[number];
  readonly quiet: boolean;
  readonly 'allow-outside': boolean;
  readonly 'allow-plugins': boolean;
  readonly 'check-determinism': boolean;
  readonly verify: boolean;
  readonly 'write-config-to': string | undefined;
}

/** Arguments of `orrery import`. */
export interface ImportArguments {
  readonly format: string;
  readonly pods: string;
  readonly nodes: string | undefined;
  readonly out: string;
  readonly replay: 'timed' | 'inOrder';
  readonly 'time-scale': string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly thin: string | undefined;
  readonly 'skip-bad-rows': boolean;
}

/** Forms of what `orrery sweep` and `orrery merge` print. */
export const sweepFormats = ['text', 'json', 'name'] as const;

/** Which cells there are and where their results lie: the same for every command about an experiment. */
export interface ExperimentArguments {
  readonly file: string;
  readonly selector: string | undefined;
  readonly seeds: string | undefined;
  readonly seed: string | undefined;
  readonly replications: string | undefined;
  readonly until: string | undefined;
  readonly set: readonly string[] | undefined;
  readonly out: string;
  readonly output: (typeof sweepFormats)[number];
  readonly quiet: boolean;
  readonly 'allow-outside': boolean;
  readonly 'allow-plugins': boolean;
}

/** Arguments of `orrery merge`. */
export interface MergeArguments extends ExperimentArguments {
  /** Folders of the same sweep from other machines, to be taken over first. */
  readonly from: readonly string[] | undefined;
}

/** Arguments of `orrery sweep`. */
export interface SweepArguments extends ExperimentArguments {
  readonly workers: string | undefined;
  readonly 'worker-memory': string | undefined;
  readonly shard: string | undefined;
  readonly queue: string | undefined;
  readonly 'dry-run': boolean;
  readonly check: 'off' | 'cheap' | 'full';
}

/** Arguments of `orrery worker`. */
export interface WorkerArguments {
  readonly queue: string;
  readonly workers: string | undefined;
  readonly 'worker-memory': string | undefined;
  readonly out: string;
  readonly quiet: boolean;
  readonly 'allow-outside': boolean;
  readonly 'allow-plugins': boolean;
}

/** Forms of a comparison. */
export const comparisonFormats = ['text', 'wide', 'csv', 'json'] as const;

/** Arguments of `orrery compare`. */
export interface CompareArguments {
  readonly file: string | undefined;
  readonly profile: readonly string[] | undefined;
  readonly sweep: string | undefined;
  readonly axis: string | undefined;
  readonly selector: string | undefined;
  /** Cells of a sweep by the levels that they have, instead of an axis. */
  readonly cell: readonly string[] | undefined;
  readonly baseline: string | undefined;
  readonly replications: string | undefined;
  readonly 'half-width': string | undefined;
  readonly 'until-half-width': string | undefined;
  readonly 'replications-max': string | undefined;
  readonly metric: readonly string[] | undefined;
  readonly level: string;
  readonly 'warm-up': string | undefined;
  readonly 'tie-salts': string | undefined;
  readonly 'fail-on': 'regression' | undefined;
  readonly tolerate: string;
  readonly seed: string | undefined;
  readonly until: string | undefined;
  readonly set: readonly string[] | undefined;
  readonly workers: string | undefined;
  readonly out: string;
  readonly output: (typeof comparisonFormats)[number];
  readonly charts: boolean;
  readonly report: boolean;
  readonly quiet: boolean;
  readonly 'allow-outside': boolean;
  readonly 'allow-plugins': boolean;
}

/** Arguments of `orrery explain pod`. */
export interface ExplainPodArguments {
  /** `NAMESPACE/NAME`, or a name in `namespace`. */
  readonly pod: string;
  readonly run: string;
  readonly namespace: string;
  readonly decision: boolean;
  readonly at: string | undefined;
  readonly attempt: string | undefined;
  readonly node: string | undefined;
  readonly 'why-pending': boolean;
  readonly 'why-killed': boolean;
  readonly output: 'text' | 'json';
  readonly quiet: boolean;
  readonly 'allow-plugins': boolean;
}

/** Arguments of `orrery explain workload`. */
export interface ExplainWorkloadArguments {
  /** `NAMESPACE/NAME`, or a name in `namespace`. */
  readonly workload: string;
  readonly kind: string | undefined;
  readonly run: string;
  readonly namespace: string;
  readonly output: 'text' | 'json';
}

/** Arguments of `orrery list`. */
export interface ListArguments {
  readonly what: (typeof listTopics)[number];
  readonly output: (typeof listFormats)[number];
  readonly dir: string;
}

/** Arguments of `orrery validate`. */
export interface ValidateArguments {
  readonly file: readonly string[];
  readonly set: readonly string[] | undefined;
  readonly output: 'text' | 'json';
  readonly 'allow-outside': boolean;
  readonly 'write-config-to': string | undefined;
  readonly 'allow-plugins': boolean;
}
