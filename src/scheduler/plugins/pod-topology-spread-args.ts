/** PodTopologySpreadArgs (`ps/apis/config/v1/defaults.go`, `validation/validation_pluginargs.go`). */
import type { TopologySpreadConstraint } from '../../api/core-v1.ts';
import type { FieldReader } from '../../api/decode/field-reader.ts';
import { topologySpreadFields } from '../../api/decode/known-fields.ts';
import { labelKeyProblem } from '../../api/names.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';
import { readPluginArgs } from './read-args.ts';

const defaultingTypes = ['System', 'List'] as const;
const actions = ['DoNotSchedule', 'ScheduleAnyway'] as const;

/** Args of PodTopologySpread, complete with defaults. */
export interface PodTopologySpreadArgs {
  /** For pods without constraints of their own; the selectors are deduced for each pod. Empty with System. */
  readonly defaultConstraints: readonly TopologySpreadConstraint[];
  /** System: `systemDefaultConstraints` in place of the list. */
  readonly defaultingType: (typeof defaultingTypes)[number];
}

export const defaultSpreadArgs: PodTopologySpreadArgs = { defaultConstraints: [], defaultingType: 'System' };

/** What upstream spreads by where neither the pod nor the configuration says anything. */
export const systemDefaultConstraints: readonly TopologySpreadConstraint[] = Object.freeze([
  softConstraint('kubernetes.io/hostname', 3),
  softConstraint('topology.kubernetes.io/zone', 5),
]);

function softConstraint(topologyKey: string, maxSkew: number): TopologySpreadConstraint {
  return {
    maxSkew,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: undefined,
    minDomains: undefined,
    nodeAffinityPolicy: 'Honor',
    nodeTaintsPolicy: 'Ignore',
    matchLabelKeys: [],
  };
}

/** Reads and checks the args as a user wrote them. */
export function readSpreadArgs(given: unknown, problems: ArgsProblem[]): PodTopologySpreadArgs {
  const fields = ['defaultConstraints', 'defaultingType'];
  return readPluginArgs('PodTopologySpread', fields, given, problems, (reader) => {
    const defaultingType = reader.choice('defaultingType', defaultingTypes, 'System');
    if (defaultingType === 'System' && reader.list('defaultConstraints').length > 0) {
      reader.at.field('defaultingType').invalid(defaultingType, 'when .defaultConstraints are not empty');
    }
    const seen = new Set<string>();
    const defaultConstraints = reader.objects('defaultConstraints').map((entry) => readConstraint(entry, seen));
    return { defaultConstraints, defaultingType };
  });
}

/**
 * One constraint. Upstream checks less here than in a pod, in other words, and `minDomains` not at all.
 *
 * @param seen pairs of key and action of the constraints before this one.
 */
function readConstraint(reader: FieldReader, seen: Set<string>): TopologySpreadConstraint {
  reader.warnUnknown(topologySpreadFields);
  const maxSkew = reader.integer('maxSkew', 0, { min: Number.MIN_SAFE_INTEGER });
  if (maxSkew <= 0) reader.at.field('maxSkew').invalid(maxSkew, 'not in valid range (0, inf)');
  const topologyKey = readTopologyKey(reader);
  const written = reader.text('whenUnsatisfiable');
  if (written === '') reader.at.field('whenUnsatisfiable').required('can not be empty');
  const whenUnsatisfiable = reader.choice('whenUnsatisfiable', actions, 'DoNotSchedule');
  if (reader.has('labelSelector')) {
    const detail = 'constraint must not define a selector, as they deduced for each pod';
    reader.at.field('labelSelector').forbidden(detail);
  }
  const pair = `{${topologyKey}, ${written}}`;
  if (seen.has(pair)) reader.at.duplicate(pair);
  seen.add(pair);
  return {
    ...softConstraint(topologyKey, maxSkew),
    whenUnsatisfiable,
    minDomains: reader.optionalInteger('minDomains', { min: Number.MIN_SAFE_INTEGER }),
    nodeAffinityPolicy: reader.choice('nodeAffinityPolicy', ['Honor', 'Ignore'], 'Honor'),
    nodeTaintsPolicy: reader.choice('nodeTaintsPolicy', ['Honor', 'Ignore'], 'Ignore'),
  };
}

function readTopologyKey(reader: FieldReader): string {
  const key = reader.text('topologyKey');
  const at = reader.at.field('topologyKey');
  const problem = key === '' ? undefined : labelKeyProblem(key);
  if (key === '') at.required('can not be empty');
  else if (problem !== undefined) at.invalid(key, problem);
  return key;
}
