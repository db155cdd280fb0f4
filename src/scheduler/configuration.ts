/**
 * Reads a KubeSchedulerConfiguration v1 as it is (`ps/apis/config/{types,v1/defaults,validation/validation}.go`): fills in
 * the defaults, checks what upstream checks, and refuses by name what is not modelled.
 */
import { FieldPosition } from '../api/decode/field-position.ts';
import { FieldReader, isRawObject } from '../api/decode/field-reader.ts';
import type { FieldProblem } from '../api/decode/problems.ts';
import type { PluginRegistry } from './framework/define-plugin.ts';
import type { ProfileConfiguration } from './framework/profile.ts';
import { checkLeaderElection } from './leader-election.ts';
import { defaultSchedulerName, readProfile } from './profile-configuration.ts';

/** What a scheduler runs with. */
export interface SchedulerConfiguration {
  /** At least one, each with its own schedulerName. */
  readonly profiles: readonly ProfileConfiguration[];
  /** 0..100; 0 = adaptive. */
  readonly percentageOfNodesToScore: number;
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  /** Limit of the client (`clientConnection`): requests per second and burst. */
  readonly clientQueriesPerSecond: number;
  readonly clientBurst: number;
}

/** A refused part of a configuration. */
export interface ConfigurationProblem {
  /** Field names and positions from the root. */
  readonly path: readonly (string | number)[];
  /** A full sentence in upstream's style that begins with the field, where there is one. */
  readonly message: string;
}

const apiVersion = 'kubescheduler.config.k8s.io/v1';
const kind = 'KubeSchedulerConfiguration';

const fields: ReadonlySet<string> = new Set(
  (
    'apiVersion kind parallelism leaderElection clientConnection enableProfiling enableContentionProfiling ' +
    'percentageOfNodesToScore podInitialBackoffSeconds podMaxBackoffSeconds profiles extenders delayCacheUntilActive'
  ).split(' '),
);
const clientFields: ReadonlySet<string> = new Set(['kubeconfig', 'acceptContentTypes', 'contentType', 'qps', 'burst']);

/**
 * The configuration, complete with defaults, and everything that is wrong with it. With problems the configuration must
 * not be run.
 *
 * @param raw a parsed YAML or JSON value; undefined = kube-scheduler without a file.
 * @param registry in-tree plugins and the user's own.
 */
export function readSchedulerConfiguration(
  raw: unknown,
  registry: PluginRegistry,
): { readonly configuration: SchedulerConfiguration; readonly problems: readonly ConfigurationProblem[] } {
  const problems: FieldProblem[] = [];
  // Strict decoding: an unknown field is as bad as a wrong one.
  const at = new FieldPosition([], '', problems, problems);
  const isObject = raw === undefined || (isRawObject(raw) && isConfiguration(raw, at));
  if (!isObject && problems.length === 0) at.warn('invalid', `couldn't decode as ${kind}, got ${typeName(raw)}`);
  const reader = new FieldReader(isObject && isRawObject(raw) ? raw : {}, at);
  reader.warnUnknown(fields);
  return { configuration: readFields(reader, registry), problems };
}

function typeName(raw: unknown): string {
  if (raw === null) return 'nothing';
  return Array.isArray(raw) ? 'a list' : typeof raw;
}

/** Whether the type is right; a wrong one is reported, and nothing else then. */
function isConfiguration(raw: Readonly<Record<string, unknown>>, at: FieldPosition): boolean {
  const version = String(raw['apiVersion'] ?? '');
  const name = String(raw['kind'] ?? '');
  if (version === apiVersion && name === kind) return true;
  const message = `couldn't decode as ${kind}, got ${version}, Kind=${name} (expected ${apiVersion}, Kind=${kind})`;
  at.field(name === kind ? 'apiVersion' : 'kind').warn('unknown-kind', message);
  return false;
}

function readFields(reader: FieldReader, registry: PluginRegistry): SchedulerConfiguration {
  checkUnused(reader);
  const podInitialBackoffSeconds = backoffOf(reader, 'podInitialBackoffSeconds', 1);
  const podMaxBackoffSeconds = backoffOf(reader, 'podMaxBackoffSeconds', 10);
  const maxAt = reader.at.field('podMaxBackoffSeconds');
  if (podInitialBackoffSeconds <= 0) {
    reader.at.field('podInitialBackoffSeconds').invalid(podInitialBackoffSeconds, 'must be greater than 0');
  } else if (podMaxBackoffSeconds < podInitialBackoffSeconds) {
    maxAt.invalid(podMaxBackoffSeconds, 'must be greater than or equal to PodInitialBackoffSeconds');
  }
  const client = readClient(reader.object('clientConnection'));
  return {
    profiles: readProfiles(reader, registry),
    percentageOfNodesToScore: percentageOf(reader) ?? 0,
    podInitialBackoffSeconds,
    podMaxBackoffSeconds,
    ...client,
  };
}

/** A limit of 0 is the default one. */
function readClient(
  reader: FieldReader | undefined,
): Pick<SchedulerConfiguration, 'clientQueriesPerSecond' | 'clientBurst'> {
  reader?.warnUnknown(clientFields);
  for (const name of ['kubeconfig', 'acceptContentTypes', 'contentType']) reader?.text(name);
  const burst = reader?.integer('burst', 0, { min: Number.MIN_SAFE_INTEGER }) ?? 0;
  if (burst < 0) reader!.at.field('burst').invalid(burst, 'must be non-negative');
  return {
    clientQueriesPerSecond: (reader?.integer('qps', 0) ?? 0) || 50,
    clientBurst: Math.max(0, burst) || 100,
  };
}

/** Fields whose values change nothing here, or are refused. */
function checkUnused(reader: FieldReader): void {
  const parallelism = reader.optionalInteger('parallelism', { min: Number.MIN_SAFE_INTEGER });
  if (parallelism !== undefined && parallelism <= 0) {
    reader.at.field('parallelism').invalid(parallelism, 'should be an integer value greater than zero');
  }
  for (const name of ['enableProfiling', 'enableContentionProfiling', 'delayCacheUntilActive']) reader.boolean(name);
  checkLeaderElection(reader.object('leaderElection'));
  for (const extender of reader.objects('extenders')) {
    const url = extender.text('urlPrefix');
    extender.at.forbidden(
      `extenders are not modelled by this version of the simulator${url === '' ? '' : ` (${url})`}`,
    );
  }
}

function backoffOf(reader: FieldReader, name: string, fallback: number): number {
  return reader.integer(name, fallback, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
}

/** Undefined when absent. */
function percentageOf(reader: FieldReader): number | undefined {
  const percentage = reader.optionalInteger('percentageOfNodesToScore', { min: Number.MIN_SAFE_INTEGER });
  if (percentage === undefined || (percentage >= 0 && percentage <= 100)) return percentage;
  reader.at.field('percentageOfNodesToScore').invalid(percentage, 'not in valid range [0-100]');
  return undefined;
}

function readProfiles(reader: FieldReader, registry: PluginRegistry): readonly ProfileConfiguration[] {
  const given = reader.objects('profiles');
  if (given.length === 0) {
    const only = new FieldReader({}, reader.at.field('profiles').index(0));
    return [readProfile(only, defaultSchedulerName, registry, undefined)];
  }
  const fallbackName = given.length === 1 ? defaultSchedulerName : '';
  const profiles = given.map((entry) => readProfile(entry, fallbackName, registry, percentageOf(entry)));
  checkProfiles(given, profiles);
  return profiles;
}

function checkProfiles(given: readonly FieldReader[], profiles: readonly ProfileConfiguration[]): void {
  const names = new Set<string>();
  for (const [index, { schedulerName }] of profiles.entries()) {
    const at = given[index]!.at.field('schedulerName');
    if (schedulerName === '') at.required();
    else if (names.has(schedulerName)) at.duplicate(schedulerName);
    names.add(schedulerName);
  }
  for (const [index, profile] of profiles.entries()) checkQueueSort(given[index]!.at, profile, profiles[0]!);
}

/** One queue serves all profiles, so that they must agree on its order. */
function checkQueueSort(at: FieldPosition, profile: ProfileConfiguration, first: ProfileConfiguration): void {
  const setOf = ({ plugins }: ProfileConfiguration): string => JSON.stringify(plugins.get('queueSort') ?? {});
  const sorters = (profile.plugins.get('queueSort')?.enabled ?? []).map(({ name }) => name);
  if (setOf(profile) !== setOf(first)) {
    at.field('plugins').field('queueSort').invalid(sorters.join(' '), 'must be the same for all profiles');
  }
  const [sorter] = sorters;
  if (sorter === undefined || JSON.stringify(profile.args.get(sorter)) === JSON.stringify(first.args.get(sorter)))
    return;
  at.field('pluginConfig').field('args').invalid(sorter, 'queueSort must be the same for all profiles');
}
