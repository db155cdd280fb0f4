/** Resources that BestFit and DotProduct look at: ordinary ones and the thousandths of devices alike. */
import type { FieldReader } from '../../api/decode/field-reader.ts';
import { quantityToInteger } from '../../api/quantity.ts';
import type { Pod } from '../../api/core-v1.ts';
import { demandedMilli, deviceAccounts } from '../devices/device-accounts.ts';
import type { DeviceAccounts } from '../devices/device-accounts.ts';
import type { DeviceDemand } from '../devices/device-kind.ts';
import { sharedGpus } from '../devices/shared-gpus.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodNeeds } from '../framework/pod-info.ts';
import { readPluginArgs } from './read-args.ts';
import type { ResourceSpec } from './scored-resources.ts';
import {
  allocatableOf,
  defaultResources,
  readResources,
  requestedOf,
  scoredRequests,
  weightProblems,
} from './scored-resources.ts';

/** A resource with what counts as a whole of it. */
export interface PackedResource extends ResourceSpec {
  /** In milliCPU, bytes, thousandths or units; undefined = what the node at hand can give. */
  readonly max: number | undefined;
}

/** BestFitArgs and DotProductArgs. */
export interface PackingArgs {
  readonly resources: readonly PackedResource[];
}

/** cpu and memory, each against the node's own. */
export const defaultPackingArgs: PackingArgs = {
  resources: defaultResources.map((resource) => ({ ...resource, max: undefined })),
};

/** Reads the args of a plugin. */
export function readPackingArgs(plugin: string, given: unknown, problems: ArgsProblem[]): PackingArgs {
  return readPluginArgs(plugin, ['resources'], given, problems, (reader) => {
    const maxima = reader.objects('resources').map((entry, at) => maxOf(entry, at, problems));
    return { resources: readResources(reader).map((resource, at) => ({ ...resource, max: maxima[at] })) };
  });
}

function maxOf(entry: FieldReader, at: number, problems: ArgsProblem[]): number | undefined {
  const given = entry.value('max');
  if (given === undefined) return undefined;
  const isText = typeof given === 'string' || typeof given === 'number';
  const max = isText ? quantityToInteger(entry.text('name'), String(given)) : undefined;
  if (max !== undefined && max > 0) return max;
  problems.push({
    path: ['resources', at, 'max'],
    message: `Invalid value: ${JSON.stringify(given)}: must be a quantity above zero`,
  });
  return undefined;
}

/** What upstream refuses of a list of resources. */
export function validatePackingArgs({ resources }: PackingArgs): readonly ArgsProblem[] {
  return weightProblems(resources, ['resources']);
}

/** One resource of a pod at one node; fields are those of the node that was looked at last. */
export interface PackedRequest {
  /** Share of the weights, 0..1. */
  readonly weight: number;
  /** What the pod asks for. */
  readonly amount: number;
  free(node: NodeInfo): number;
  max(node: NodeInfo): number;
}

/** Turns pods into requests, once for each class of pods. */
export class PackedResources {
  readonly accounts: DeviceAccounts;
  private readonly resources: readonly PackedResource[];
  private readonly handle: Handle;
  private readonly weights: number;
  private readonly requests = new WeakMap<PodNeeds, Map<DeviceDemand | undefined, readonly PackedRequest[]>>();

  constructor({ resources }: PackingArgs, handle: Handle) {
    this.resources = resources;
    this.handle = handle;
    this.accounts = deviceAccounts(handle, sharedGpus);
    this.weights = resources.reduce((sum, { weight }) => sum + weight, 0);
  }

  requestsOf(pod: Pod): readonly PackedRequest[] {
    const needs = this.handle.needsOf(pod);
    const demand = this.accounts.demands.of(pod);
    let byDemand = this.requests.get(needs);
    if (byDemand === undefined) this.requests.set(needs, (byDemand = new Map()));
    let requests = byDemand.get(demand);
    if (requests === undefined) {
      requests = this.resources.map((resource) => this.requestOf(resource, needs, demand));
      byDemand.set(demand, requests);
    }
    return requests;
  }

  private requestOf(resource: PackedResource, needs: PodNeeds, demand: DeviceDemand | undefined): PackedRequest {
    const weight = resource.weight / this.weights;
    if (resource.name === sharedGpus.resource) return this.deviceRequest(resource, weight, demandedMilli(demand));
    const amount = amountOf(needs, resource.name);
    const [scored] = scoredRequests([resource], () => Math.max(1, amount));
    const { max } = resource;
    return {
      weight,
      amount,
      free: (node) => (scored === undefined ? 0 : allocatableOf(node, scored) - requestedOf(node, scored)),
      max: (node) => max ?? (scored === undefined ? 0 : allocatableOf(node, scored)),
    };
  }

  private deviceRequest({ max }: PackedResource, weight: number, amount: number): PackedRequest {
    const { accounts } = this;
    return {
      weight,
      amount,
      free: (node) => accounts.of(node).freeMilli,
      max: (node) => max ?? 1000 * accounts.of(node).free.length,
    };
  }
}

function amountOf(needs: PodNeeds, name: string): number {
  if (name === 'cpu') return needs.milliCpu;
  if (name === 'memory') return needs.memory;
  if (name === 'ephemeral-storage') return needs.ephemeralStorage;
  return needs.scalars.get(name) ?? 0;
}
