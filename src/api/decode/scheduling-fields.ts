/** The fields of a pod that say where it may run. */
import type {
  Affinity,
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Taint,
  TaintEffect,
  Toleration,
  TopologySpreadConstraint,
} from '../core-v1.ts';
import { dnsLabelProblem, labelKeyProblem, labelValueProblem } from '../names.ts';
import type { FieldPosition } from './field-position.ts';
import { FieldReader } from './field-reader.ts';
import {
  affinityFields,
  affinityKindFields,
  nodeSelectorTermFields,
  podAffinityTermFields,
  requirementFields,
  taintFields,
  tolerationFields,
  topologySpreadFields,
} from './known-fields.ts';
import { checkRequirementNames, checkValueCount, decodeLabelSelector } from './metadata.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const satisfies readonly TaintEffect[];

/** The affinity of a pod; undefined when absent. */
export function decodeAffinity(spec: FieldReader): Affinity | undefined {
  const reader = spec.object('affinity');
  if (reader === undefined) return undefined;
  reader.warnUnknown(affinityFields);
  return {
    nodeAffinity: decodeNodeAffinity(reader.object('nodeAffinity')),
    podAffinity: decodePodAffinity(reader.object('podAffinity')),
    podAntiAffinity: decodePodAffinity(reader.object('podAntiAffinity')),
  };
}

/** Also the `addedAffinity` of the scheduler's plugin NodeAffinity. */
export function decodeNodeAffinity(reader: FieldReader | undefined): NodeAffinity | undefined {
  if (reader === undefined) return undefined;
  reader.warnUnknown(affinityKindFields);
  return {
    required: decodeNodeSelector(reader.object(required)),
    preferred: reader.objects(preferred).map((entry) => ({
      weight: weightOf(entry),
      preference: decodeTerm(partOf(entry, 'preference')),
    })),
  };
}

/** The terms of a NodeSelector; undefined when absent. */
export function decodeNodeSelector(reader: FieldReader | undefined): readonly NodeSelectorTerm[] | undefined {
  const terms = reader?.objects('nodeSelectorTerms').map(decodeTerm);
  if (terms?.length === 0) {
    reader!.at.field('nodeSelectorTerms').required('must have at least one node selector term');
  }
  return terms;
}

/** A part that may not be absent. */
function partOf(reader: FieldReader, name: string): FieldReader {
  const part = reader.object(name);
  if (!reader.has(name)) reader.at.field(name).required();
  return part ?? new FieldReader({}, reader.at.field(name));
}

function weightOf(reader: FieldReader): number {
  const weight = reader.integer('weight', 0, { min: Number.MIN_SAFE_INTEGER });
  if (weight < 1 || weight > 100) reader.at.field('weight').invalid(weight, 'must be in the range 1-100');
  return weight;
}

function decodeTerm(reader: FieldReader): NodeSelectorTerm {
  reader.warnUnknown(nodeSelectorTermFields);
  return {
    matchExpressions: reader.objects('matchExpressions').map((entry) => decodeRequirement(entry, false)),
    matchFields: reader.objects('matchFields').map((entry) => decodeRequirement(entry, true)),
  };
}

const nodeOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;

function decodeRequirement(reader: FieldReader, isField: boolean): NodeSelectorRequirement {
  reader.warnUnknown(requirementFields);
  const written = reader.text('operator');
  const operator = nodeOperators.find((known) => known === written);
  const key = reader.text('key');
  const values = reader.texts('values');
  const isAllowed = operator !== undefined && (!isField || operator === 'In' || operator === 'NotIn');
  if (!isAllowed) reader.at.field('operator').invalid(written, 'not a valid selector operator');
  if (isField) checkField(reader, key, values);
  else checkExpression(reader, operator ?? '', key, values);
  return { key, operator: operator ?? 'In', values };
}

function checkField(reader: FieldReader, key: string, values: readonly string[]): void {
  if (key !== 'metadata.name') reader.at.field('key').invalid(key, 'not a valid field selector key');
  const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
  if (values.length !== 1) reader.at.field('values').required(detail);
}

function checkExpression(reader: FieldReader, operator: string, key: string, values: readonly string[]): void {
  checkValueCount(reader.at, operator, values);
  if ((operator === 'Gt' || operator === 'Lt') && values.length !== 1) {
    reader.at.field('values').required("must be specified single value when `operator` is 'Lt' or 'Gt'");
  }
  checkRequirementNames(reader.at, key, values);
}

function decodePodAffinity(reader: FieldReader | undefined): PodAffinity | undefined {
  if (reader === undefined) return undefined;
  reader.warnUnknown(affinityKindFields);
  return {
    required: reader.objects(required).map(decodePodAffinityTerm),
    preferred: reader.objects(preferred).map((entry) => ({
      weight: weightOf(entry),
      podAffinityTerm: decodePodAffinityTerm(partOf(entry, 'podAffinityTerm')),
    })),
  };
}

function decodePodAffinityTerm(reader: FieldReader): PodAffinityTerm {
  reader.warnUnknown(podAffinityTermFields);
  const term: PodAffinityTerm = {
    topologyKey: topologyKeyOf(reader, 'can not be empty'),
    labelSelector: decodeLabelSelector(reader, 'labelSelector'),
    namespaces: decodeNamespaces(reader),
    namespaceSelector: decodeLabelSelector(reader, 'namespaceSelector'),
    matchLabelKeys: reader.texts('matchLabelKeys'),
    mismatchLabelKeys: reader.texts('mismatchLabelKeys'),
  };
  checkMatchLabelKeys(reader.at, term);
  return term;
}

/** Names of namespaces; upstream says `namespace` of each. */
function decodeNamespaces(reader: FieldReader): readonly string[] {
  const names = reader.texts('namespaces');
  for (const name of names) {
    const problem = dnsLabelProblem(name);
    if (problem !== undefined) reader.at.field('namespace').invalid(name, problem);
  }
  return names;
}

/**
 * Upstream `ValidateMatchLabelKeysAndMismatchLabelKeys`, without the rule that the selector may not name the keys too: pods in
 * a dump of a cluster have them there, as the API server has merged them.
 */
function checkMatchLabelKeys(at: FieldPosition, term: PodAffinityTerm): void {
  for (const name of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    if (term[name].length === 0) continue;
    const list = at.field(name);
    if (term.labelSelector === undefined) list.forbidden('must not be specified when labelSelector is not set');
    for (const [index, key] of term[name].entries()) {
      const problem = labelKeyProblem(key);
      if (term.labelSelector !== undefined && problem !== undefined) list.index(index).invalid(key, problem);
    }
  }
  for (const [index, key] of term.matchLabelKeys.entries()) {
    const entry = at.field('matchLabelKeys').index(index);
    if (term.mismatchLabelKeys.includes(key)) entry.invalid(key, 'exists in both matchLabelKeys and mismatchLabelKeys');
  }
}

function topologyKeyOf(reader: FieldReader, detail: string): string {
  const key = reader.text('topologyKey');
  const problem = key === '' ? undefined : labelKeyProblem(key);
  if (!reader.has('topologyKey') || reader.value('topologyKey') === '') reader.at.field('topologyKey').required(detail);
  if (problem !== undefined) reader.at.field('topologyKey').invalid(key, problem);
  return key;
}

/** One topology spread constraint. */
export function decodeTopologySpread(reader: FieldReader): TopologySpreadConstraint {
  reader.warnUnknown(topologySpreadFields);
  const maxSkew = reader.integer('maxSkew', 0, { min: Number.MIN_SAFE_INTEGER });
  if (maxSkew <= 0) reader.at.field('maxSkew').invalid(maxSkew, 'must be greater than zero');
  if (!reader.has('whenUnsatisfiable')) reader.at.field('whenUnsatisfiable').required('can not be empty');
  const whenUnsatisfiable = reader.choice('whenUnsatisfiable', ['DoNotSchedule', 'ScheduleAnyway'], 'DoNotSchedule');
  const minDomains = reader.optionalInteger('minDomains', { min: Number.MIN_SAFE_INTEGER });
  const minDomainsAt = reader.at.field('minDomains');
  if (minDomains !== undefined && minDomains <= 0) minDomainsAt.invalid(minDomains, 'must be greater than zero');
  if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
    minDomainsAt.invalid(minDomains, 'can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway');
  }
  return {
    maxSkew,
    topologyKey: topologyKeyOf(reader, 'can not be empty'),
    whenUnsatisfiable,
    labelSelector: decodeLabelSelector(reader, 'labelSelector'),
    minDomains,
    nodeAffinityPolicy: reader.choice('nodeAffinityPolicy', ['Honor', 'Ignore'], 'Honor'),
    nodeTaintsPolicy: reader.choice('nodeTaintsPolicy', ['Honor', 'Ignore'], 'Ignore'),
    matchLabelKeys: reader.texts('matchLabelKeys'),
  };
}

/** The pair (topologyKey, whenUnsatisfiable) may occur once. */
export function checkSpreadRepeats(spec: FieldReader, constraints: readonly TopologySpreadConstraint[]): void {
  const seen = new Set<string>();
  for (const [index, { topologyKey, whenUnsatisfiable }] of constraints.entries()) {
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) spec.at.field('topologySpreadConstraints').index(index).duplicate(pair);
    seen.add(pair);
  }
}

/** One toleration. */
export function decodeToleration(reader: FieldReader): Toleration {
  reader.warnUnknown(tolerationFields);
  // Gt and Lt belong to a gate that is off in 1.37, where the API server refuses them.
  const operator = reader.choice('operator', ['Equal', 'Exists'], 'Equal');
  const toleration: Toleration = {
    key: reader.text('key'),
    operator,
    value: reader.text('value'),
    effect: reader.choice('effect', [...taintEffects, ''], ''),
    tolerationSeconds: reader.optionalInteger('tolerationSeconds', {
      min: Number.MIN_SAFE_INTEGER,
      max: Number.MAX_SAFE_INTEGER,
    }),
  };
  checkToleration(reader, toleration);
  return toleration;
}

function checkToleration(reader: FieldReader, { key, operator, value, effect, tolerationSeconds }: Toleration): void {
  const at = reader.at;
  const keyProblem = key === '' ? undefined : labelKeyProblem(key);
  if (keyProblem !== undefined) at.field('key').invalid(key, keyProblem);
  if (key === '' && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    at.field('operator').invalid(operator, detail);
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    at.field('effect').invalid(effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
  if (operator === 'Exists' && value !== '') {
    at.field('operator').invalid(value, "value must be empty when `operator` is 'Exists'");
  }
  const valueProblem = labelValueProblem(value);
  if (valueProblem !== undefined) at.field('operator').invalid(value, valueProblem);
}

/** One taint of a node; a stated timeAdded becomes 0. */
export function decodeTaint(reader: FieldReader): Taint {
  reader.warnUnknown(taintFields);
  const key = reader.text('key');
  const value = reader.text('value');
  const keyProblem = labelKeyProblem(key);
  if (keyProblem !== undefined) reader.at.field('key').invalid(key, keyProblem);
  const valueProblem = labelValueProblem(value);
  if (valueProblem !== undefined) reader.at.field('value').invalid(value, valueProblem);
  if (!reader.has('effect')) reader.at.field('effect').required();
  const effect = reader.choice('effect', taintEffects, 'NoSchedule');
  return { key, value, effect, timeAdded: reader.has('timeAdded') ? 0 : undefined };
}
