/** The constraints of a LimitRange and their messages (upstream plugin/pkg/admission/limitranger). */
import type { LimitRangeItem, PodSpec, ResourceList, ResourceRequirements } from '../../api/core-v1.ts';
import { formatResource } from '../../api/quantity.ts';
import { podLimits, podRequests } from '../../api/resources.ts';
import { aggregate } from '../outcome.ts';

/** Everything in which a pod lies outside a range, as one text; undefined when nothing does. */
export function podRangeProblem(spec: PodSpec, items: readonly LimitRangeItem[]): string | undefined {
  const problems: string[] = [];
  for (const item of items) {
    if (item.type === 'Container') {
      for (const container of [...spec.containers, ...spec.initContainers]) {
        problems.push(...problemsOf(item, container.resources));
      }
    } else if (item.type === 'Pod') {
      problems.push(...problemsOf(item, sumOf(spec)));
    }
  }
  return problems.length === 0 ? undefined : aggregate(problems);
}

/** Everything in which the requests of a claim lie outside a range, as one text; undefined when nothing does. */
export function claimRangeProblem(requests: ResourceList, items: readonly LimitRangeItem[]): string | undefined {
  const problems: string[] = [];
  for (const { type, min, max } of items) {
    if (type !== 'PersistentVolumeClaim') continue;
    for (const [name, least] of min) note(problems, minProblem(type, name, least, requests.get(name), undefined));
    for (const [name, most] of max) note(problems, maxRequestProblem(type, name, most, requests.get(name)));
  }
  return problems.length === 0 ? undefined : aggregate(problems);
}

function note(problems: string[], problem: string | undefined): void {
  if (problem !== undefined) problems.push(problem);
}

const nothing: ResourceList = new Map();

/** What the containers come to, as the range sees them: without overhead and pod-level values. */
function sumOf(spec: PodSpec): ResourceRequirements {
  const { containers, initContainers } = spec;
  const bare: PodSpec = { ...spec, containers, initContainers, overhead: nothing, resources: undefined };
  return { requests: podRequests(bare), limits: podLimits(bare) };
}

function problemsOf(item: LimitRangeItem, { requests, limits }: ResourceRequirements): string[] {
  const problems: string[] = [];
  const { type } = item;
  for (const [name, least] of item.min)
    note(problems, minProblem(type, name, least, requests.get(name), limits.get(name)));
  for (const [name, most] of item.max)
    note(problems, maxProblem(type, name, most, requests.get(name), limits.get(name)));
  for (const [name, ratio] of item.maxLimitRequestRatio)
    note(problems, ratioProblem(type, name, ratio, requests.get(name), limits.get(name)));
  return problems;
}

type Amount = number | undefined;

function minProblem(type: string, name: string, least: number, request: Amount, limit: Amount): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${formatResource(name, least)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (request < least) return `${rule}, but request is ${formatResource(name, request)}`;
  if (limit !== undefined && limit < least) return `${rule}, but limit is ${formatResource(name, limit)}`;
  return undefined;
}

function maxProblem(type: string, name: string, most: number, request: Amount, limit: Amount): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${formatResource(name, most)}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (limit > most) return `${rule}, but limit is ${formatResource(name, limit)}`;
  if (request !== undefined && request > most) return `${rule}, but request is ${formatResource(name, request)}`;
  return undefined;
}

/** Claims have requests only. */
function maxRequestProblem(type: string, name: string, most: number, request: Amount): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${formatResource(name, most)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  return request > most ? `${rule}, but request is ${formatResource(name, request)}` : undefined;
}

/** The ratio is a quantity like any other: of cpu in thousandths, else whole. */
function ratioProblem(type: string, name: string, most: number, request: Amount, limit: Amount): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${formatResource(name, most)}`;
  if (request === undefined || request === 0) return `${rule}, but no request is specified or request is 0`;
  if (limit === undefined || limit === 0) return `${rule}, but no limit is specified or limit is 0`;
  const allowed = name === 'cpu' ? most / 1000 : most;
  return limit / request > allowed ? `${rule}, but provided ratio is ${sixDecimals(limit / request)}` : undefined;
}

/** As Go prints %f. */
function sixDecimals(ratio: number): string {
  const millionths = Math.round(ratio * 1_000_000);
  const whole = Math.floor(millionths / 1_000_000);
  return `${whole}.${String(millionths % 1_000_000).padStart(6, '0')}`;
}
