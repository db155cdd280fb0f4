/** Decoder of a ResourceQuota with what the API server refuses (`pkg/apis/core/validation` ValidateResourceQuotaSpec). */
import type { ResourceList, ResourceQuota, ResourceQuotaScope, ScopedResourceSelectorRequirement } from '../core-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import { quotaUnit } from '../quota.ts';
import type { FieldPosition } from './field-position.ts';
import { FieldReader } from './field-reader.ts';
import { objectFields, resourceQuotaSpecFields, scopeRequirementFields, scopeSelectorFields } from './known-fields.ts';
import { decodeMetadata } from './metadata.ts';
import { decodeResourceList, isWhole } from './resource-list.ts';

/** A ResourceQuota; the status of a dump is not taken over. */
export function decodeResourceQuota(root: FieldReader): ResourceQuota {
  root.warnUnknown(objectFields);
  const spec = root.object('spec') ?? new FieldReader({}, root.at.field('spec'));
  spec.warnUnknown(resourceQuotaSpecFields);
  const hard = decodeResourceList(spec, 'hard', quotaUnit);
  checkHard(spec, hard);
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec: { hard, scopes: decodeScopes(spec, hard), scopeSelector: decodeScopeSelector(spec, hard) },
    status: { hard: new Map(), used: new Map() },
  };
}

/** Names that upstream knows or that are fully qualified, and whole numbers where objects are counted. */
function checkHard(spec: FieldReader, hard: ResourceList): void {
  for (const name of hard.keys()) {
    const at = spec.at.field('hard').key(name);
    const isKnown = name.includes('/') || isStandardName(name);
    if (!isKnown) at.invalid(name, 'must be a standard resource for quota');
    const text = String(spec.object('hard')?.value(name));
    if (isCounted(name) && !isWhole(text)) at.invalid(text, 'must be an integer');
  }
}

function isCounted(name: string): boolean {
  return name.startsWith('count/') || countedResources.has(name);
}

const countedResources: ReadonlySet<string> = new Set([
  ...['pods', 'persistentvolumeclaims', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets'],
  ...['configmaps', 'services.nodeports', 'services.loadbalancers'],
]);

const scopeNames = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
] as const satisfies readonly ResourceQuotaScope[];

function decodeScopes(spec: FieldReader, hard: ResourceList): readonly ResourceQuotaScope[] {
  const at = spec.at.field('scopes');
  const written = spec.texts('scopes');
  const scopes: ResourceQuotaScope[] = [];
  for (const name of written) {
    const scope = scopeNames.find((known) => known === name);
    if (scope === undefined) at.invalid(listed(written), 'unsupported scope');
    else {
      checkResources(at, listed(written), scope, hard);
      scopes.push(scope);
    }
  }
  checkConflicts(at, listed(written), scopes);
  return scopes;
}

function decodeScopeSelector(spec: FieldReader, hard: ResourceList): readonly ScopedResourceSelectorRequirement[] {
  const selector = spec.object('scopeSelector');
  if (selector === undefined) return [];
  selector.warnUnknown(scopeSelectorFields);
  const at = selector.at.field('matchExpressions');
  const requirements: ScopedResourceSelectorRequirement[] = [];
  for (const reader of selector.objects('matchExpressions')) {
    reader.warnUnknown(scopeRequirementFields);
    const scopeName = scopeNames.find((known) => known === reader.text('scopeName'));
    if (scopeName === undefined) at.field('scopeName').invalid(reader.text('scopeName'), 'unsupported scope');
    else checkResources(at, selector.raw, scopeName, hard);
    const requirement = decodeRequirement(reader, scopeName);
    if (requirement !== undefined) requirements.push(requirement);
  }
  checkConflicts(
    at,
    listed(spec.texts('scopes')),
    requirements.map(({ scopeName }) => scopeName),
  );
  return requirements;
}

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
const mustExist =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
  'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';

function decodeRequirement(
  reader: FieldReader,
  scopeName: ResourceQuotaScope | undefined,
): ScopedResourceSelectorRequirement | undefined {
  const written = reader.text('operator');
  const values = reader.texts('values');
  const operator = operators.find((known) => known === written);
  const hasValues = scopeName === undefined || scopeName === 'PriorityClass' || scopeName === 'VolumeAttributesClass';
  if (!hasValues && operator !== 'Exists') reader.at.field('operator').invalid(written, mustExist);
  if (operator === undefined) reader.at.field('operator').invalid(written, 'not a valid selector operator');
  else if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) reader.at.field('values').required(detail);
  } else if (values.length > 0) {
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    reader.at.field('values').invalid(listed(values), detail);
  }
  return operator === undefined || scopeName === undefined ? undefined : { scopeName, operator, values };
}

function listed(names: readonly string[]): string {
  return names.join(',');
}

const podCounts: ReadonlySet<string> = new Set(['pods']);
const podResources: ReadonlySet<string> = new Set([
  ...podCounts,
  ...['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'],
]);
const claimResources: ReadonlySet<string> = new Set(['persistentvolumeclaims', 'requests.storage']);

/** The resources of upstream's own names that a scope may stand beside. */
function resourcesOf(scope: ResourceQuotaScope): ReadonlySet<string> {
  if (scope === 'VolumeAttributesClass') return claimResources;
  return scope === 'BestEffort' ? podCounts : podResources;
}

const otherResources: ReadonlySet<string> = new Set([
  ...['ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage', 'resourcequotas', 'services'],
  ...['replicationcontrollers', 'secrets', 'configmaps', 'services.nodeports', 'services.loadbalancers'],
]);

/** Whether upstream knows the name by itself; `count/...` and extended resources are not looked at. */
function isStandardName(name: string): boolean {
  if (name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')) return true;
  return podResources.has(name) || claimResources.has(name) || otherResources.has(name);
}

function checkResources(at: FieldPosition, shown: unknown, scope: ResourceQuotaScope, hard: ResourceList): void {
  const allowed = resourcesOf(scope);
  for (const name of hard.keys())
    if (isStandardName(name) && !allowed.has(name)) at.invalid(shown, 'unsupported scope applied to resource');
}

function checkConflicts(at: FieldPosition, shown: string, scopes: readonly ResourceQuotaScope[]): void {
  const hasBoth = (one: ResourceQuotaScope, other: ResourceQuotaScope): boolean =>
    scopes.includes(one) && scopes.includes(other);
  if (hasBoth('BestEffort', 'NotBestEffort')) at.invalid(shown, 'conflicting scopes');
  if (hasBoth('Terminating', 'NotTerminating')) at.invalid(shown, 'conflicting scopes');
}
