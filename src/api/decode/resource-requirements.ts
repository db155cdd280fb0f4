/** Requests and limits (`pkg/apis/core/validation` validateResourceRequirements). */
import type { ResourceList, ResourceRequirements } from '../core-v1.ts';
import { labelKeyProblem } from '../names.ts';
import { formatResource, quantityToInteger } from '../quantity.ts';
import { isPodLevelResource } from '../resources.ts';
import type { FieldPosition } from './field-position.ts';
import type { FieldReader } from './field-reader.ts';
import { resourcesFields } from './known-fields.ts';
import { decodeResourceList, isExtendedResource } from './resource-list.ts';

/** What a container asks for; requests default to limits. Upstream fills them in for pods only, so of templates it names what is written. */
export function decodeResources(owner: FieldReader, isTemplate: boolean): ResourceRequirements {
  const reader = owner.object('resources');
  if (reader === undefined) return noResources;
  reader.warnUnknown(resourcesFields);
  const limits = decodeResourceList(reader, 'limits');
  const stated = decodeResourceList(reader, 'requests');
  const requests = new Map(stated);
  for (const [name, amount] of limits) if (!requests.has(name)) requests.set(name, amount);
  checkRequirements(reader.at, { requests: isTemplate ? stated : requests, limits }, checkContainerResourceName);
  return { requests, limits };
}

const noResources: ResourceRequirements = { requests: new Map(), limits: new Map() };

/** Reports an overhead that no pod can have; upstream takes it for limits (`validateOverhead`). */
export function checkOverhead(at: FieldPosition, overhead: ResourceList): void {
  checkRequirements(at, { requests: noResources.requests, limits: overhead }, checkContainerResourceName);
}

type NameCheck = (at: FieldPosition, name: string) => void;

/** Reports resources that cannot be asked for here, and amounts that do not go together. */
export function checkRequirements(at: FieldPosition, resources: ResourceRequirements, checkName: NameCheck): void {
  const { requests, limits } = resources;
  for (const [name, amount] of limits) checkAmount(at.field('limits').key(name), name, amount, checkName);
  for (const [name, amount] of requests) {
    checkAmount(at.field('requests').key(name), name, amount, checkName);
    checkLimit(at, name, amount, limits.get(name));
  }
  const names = [...limits.keys(), ...requests.keys()];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory'))
    at.forbidden('HugePages require cpu or memory');
}

function checkAmount(at: FieldPosition, name: string, amount: number, checkName: NameCheck): void {
  if (labelKeyProblem(name) === undefined) checkName(at, name);
  if (!isHugePages(name) || isMultipleOfPage(name, amount)) return;
  const text = formatResource(name, amount);
  at.invalid(text, `${text} is not positive integer multiple of ${name}`);
}

/** What nodes cannot give twice has a limit, which is the request. */
function checkLimit(at: FieldPosition, name: string, request: number, limit: number | undefined): void {
  const isExact = isExtendedResource(name) || isHugePages(name);
  const list = at.field('requests');
  if (limit === undefined) {
    if (isExact) at.field('limits').required('Limit must be set for non overcommitable resources');
  } else if (isExact && request !== limit) {
    list.invalid(formatResource(name, request), `must be equal to ${name} limit of ${formatResource(name, limit)}`);
  } else if (request > limit) {
    const detail = `must be less than or equal to ${name} limit of ${formatResource(name, limit)}`;
    list.invalid(formatResource(name, request), detail);
  }
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

/** Whether an amount of bytes is made of whole pages (`IsHugePageResourceValueDivisible`). */
function isMultipleOfPage(name: string, amount: number): boolean {
  const page = quantityToInteger('memory', name.slice('hugepages-'.length)) ?? 0;
  return page > 0 && amount % page === 0;
}

/** Standard names that neither containers nor pods may ask for. */
const quotaNames: ReadonlySet<string> = new Set(
  (
    'requests.cpu requests.memory requests.ephemeral-storage limits.cpu limits.memory limits.ephemeral-storage pods ' +
    'resourcequotas services replicationcontrollers secrets configmaps persistentvolumeclaims storage ' +
    'requests.storage services.nodeports services.loadbalancers'
  ).split(' '),
);

function isContainerResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || isHugePages(name);
}

function isStandard(name: string): boolean {
  return isContainerResource(name) || quotaNames.has(name) || name.startsWith('requests.hugepages-');
}

const noStandard = 'must be a standard resource type or fully qualified';

function checkContainerResourceName(at: FieldPosition, name: string): void {
  if (!name.includes('/')) {
    if (!isStandard(name)) at.invalid(name, noStandard);
    if (!isContainerResource(name)) at.invalid(name, 'must be a standard resource for containers');
  } else if (!name.includes('kubernetes.io/') && !isExtendedName(name)) {
    at.invalid(name, "doesn't follow extended resource name standard");
  }
}

/** A vendor's resource, which a quota can name too. */
function isExtendedName(name: string): boolean {
  return !name.startsWith('requests.') && labelKeyProblem(`requests.${name}`) === undefined;
}

/** Names that a pod as a whole may ask for (`validatePodResourceName`). */
export function checkPodResourceName(at: FieldPosition, name: string): void {
  if (!name.includes('/') && !isStandard(name)) at.invalid(name, noStandard);
  else if (!isPodLevelResource(name)) at.notSupported(name, ['cpu', 'hugepages-', 'memory']);
}

/** Reports containers that come to more than their pod (`validatePodResourceConsistency`). `at` is the pod's resources. */
export function checkPodHolds(
  at: FieldPosition,
  pod: ResourceRequirements,
  sums: ResourceRequirements,
  containerLimits: readonly ResourceList[],
): void {
  checkSums(at.field('requests'), pod.requests, sums.requests, 'requests');
  const hugePages = new Map([...sums.limits].filter(([name]) => isHugePages(name)));
  checkSums(at.field('limits'), pod.limits, hugePages, 'limits');
  for (const [index, limits] of containerLimits.entries()) {
    for (const [name, limit] of limits) {
      const most = pod.limits.get(name);
      if (most === undefined || limit <= most) continue;
      const detail = `must be less than or equal to pod limits of ${formatResource(name, most)}`;
      at.field('containers').index(index).key(name).field('limits').invalid(formatResource(name, limit), detail);
    }
  }
}

function checkSums(list: FieldPosition, pod: ResourceList, sums: ResourceList, word: string): void {
  for (const [name, sum] of sums) {
    const amount = pod.get(name);
    if (amount === undefined || sum <= amount) continue;
    const detail = `must be greater than or equal to aggregate container ${word} of ${formatResource(name, sum)}`;
    list.key(name).invalid(formatResource(name, amount), detail);
  }
}
