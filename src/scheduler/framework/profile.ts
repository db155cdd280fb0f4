/** A profile: which plugins run where, in which order and with which weight (upstream `ps/apis/config/types.go`). */

/** Names as in KubeSchedulerConfiguration, in the order of a pod's way. */
export const extensionPoints = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;

/** One of `extensionPoints`. */
export type ExtensionPoint = (typeof extensionPoints)[number];

/** Upstream's interface names, for messages. */
export const extensionPointInterfaces: { readonly [P in ExtensionPoint]: string } = {
  preEnqueue: 'PreEnqueuePlugin',
  queueSort: 'QueueSortPlugin',
  preFilter: 'PreFilterPlugin',
  filter: 'FilterPlugin',
  postFilter: 'PostFilterPlugin',
  preScore: 'PreScorePlugin',
  score: 'ScorePlugin',
  reserve: 'ReservePlugin',
  permit: 'PermitPlugin',
  preBind: 'PreBindPlugin',
  bind: 'BindPlugin',
  postBind: 'PostBindPlugin',
};

/** The method by whose presence a plugin is known to work at a point; it has the point's name except for queueSort. */
export function methodOf(point: ExtensionPoint): string {
  return point === 'queueSort' ? 'less' : point;
}

/** A plugin as enabled at a point. */
export interface PluginEntry {
  readonly name: string;
  /** 0 = not given; becomes 1 where it counts. */
  readonly weight: number;
}

/** What a configuration enables and disables at one point. */
export interface PluginSet {
  readonly enabled: readonly PluginEntry[];
  /** Names, or `*` for all. */
  readonly disabled: readonly string[];
}

export const emptyPluginSet: PluginSet = Object.freeze({ enabled: [], disabled: [] });

/** An extension point, or all of them at once. */
export type PluginSetName = ExtensionPoint | 'multiPoint';

/** Sets by name; an absent one is empty. Defaults are already merged in. */
export type ProfilePlugins = ReadonlyMap<PluginSetName, PluginSet>;

/** One profile, complete with defaults. */
export interface ProfileConfiguration {
  readonly schedulerName: string;
  /** 0..100, 0 = adaptive; undefined = the scheduler's own setting. */
  readonly percentageOfNodesToScore: number | undefined;
  readonly plugins: ProfilePlugins;
  /** Args of plugins, complete with defaults; a plugin without an entry gets its own defaults. */
  readonly args: ReadonlyMap<string, unknown>;
}

/**
 * The plugins of one extension point in the order of running (upstream `expandMultiPointPlugins`): the point's own entries
 * that also stand at multiPoint, then the other multiPoint ones, then the point's other entries.
 *
 * @param implementsPoint whether a plugin has the point's method.
 */
export function expandPoint(
  plugins: ProfilePlugins,
  point: ExtensionPoint,
  implementsPoint: (plugin: string) => boolean,
): readonly PluginEntry[] {
  const own = plugins.get(point) ?? emptyPluginSet;
  if (own.disabled.includes('*')) return own.enabled;
  const multi = plugins.get('multiPoint') ?? emptyPluginSet;
  const offered = multi.enabled.filter(({ name }) => implementsPoint(name) && !own.disabled.includes(name));
  const isOverriding = (entry: PluginEntry): boolean => offered.some(({ name }) => name === entry.name);
  const isOwn = (entry: PluginEntry): boolean => own.enabled.some(({ name }) => name === entry.name);
  return [
    ...own.enabled.filter(isOverriding),
    ...offered.filter((entry) => !isOwn(entry)),
    ...own.enabled.filter((entry) => !isOverriding(entry)),
  ];
}

/** Weight at Score: the first mention at the point, else at multiPoint; none counts as 1. */
export function scoreWeight(plugins: ProfilePlugins, name: string): number {
  for (const set of ['score', 'multiPoint'] as const) {
    const entry = plugins.get(set)?.enabled.find((candidate) => candidate.name === name);
    if (entry !== undefined) return entry.weight === 0 ? 1 : entry.weight;
  }
  return 1;
}

/** Every plugin that is enabled anywhere, each once, in order of first mention. */
export function enabledPlugins(plugins: ProfilePlugins): readonly string[] {
  const names = new Set<string>();
  for (const set of ['multiPoint', ...extensionPoints] as const) {
    for (const { name } of plugins.get(set)?.enabled ?? []) names.add(name);
  }
  return [...names];
}
