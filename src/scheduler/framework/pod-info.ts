/** A pod with what the scheduler reads from its spec, parsed once per template (upstream `ps/framework/types.go` PodInfo). */
import { compileSelector, isEmptySelector } from '../../api/labels.ts';
import { noLabels } from '../../api/meta-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { podRequests, podRequestsNonZero } from '../../api/resources.ts';
import type { Pod, PodAffinityTerm, PodSpec, ResourceList, WeightedPodAffinityTerm } from '../../api/core-v1.ts';
import { sharedSpec } from '../../apiserver/pod-object.ts';
import type { HostPort } from './host-ports.ts';
import { hostPortsOf } from './host-ports.ts';
import { isResized, resizedRequests, resizedRequestsNonZero } from './resized-requests.ts';

/** A term of pod (anti-)affinity, ready to be matched. */
export interface AffinityTerm {
  readonly topologyKey: string;
  /** Listed names, or the pod's own namespace if none are listed and there is no namespace selector. */
  readonly namespaces: ReadonlySet<string>;
  readonly matchesLabels: (labels: Labels) => boolean;
  /** An absent selector matches no namespace. */
  readonly matchesNamespaceLabels: (labels: Labels) => boolean;
  /** The namespace selector has requirements: it is neither absent nor the empty one, which matches every namespace. */
  readonly selectsNamespaces: boolean;
}

/** A preferred term; the weight is 1..100. */
export interface WeightedAffinityTerm {
  readonly weight: number;
  readonly term: AffinityTerm;
}

/** What a pod asks for; one value for all pods of a template and namespace. Amounts in milliCPU, bytes, units. */
export interface PodNeeds {
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  /** Extended resources, huge pages, attachable volumes; without the three above and without `pods`. */
  readonly scalars: ResourceList;
  /** With 100 milliCPU and 200 MiB for each container that names none. */
  readonly nonZeroMilliCpu: number;
  readonly nonZeroMemory: number;
  readonly hostPorts: readonly HostPort[];
  readonly requiredAffinityTerms: readonly AffinityTerm[];
  readonly requiredAntiAffinityTerms: readonly AffinityTerm[];
  readonly preferredAffinityTerms: readonly WeightedAffinityTerm[];
  readonly preferredAntiAffinityTerms: readonly WeightedAffinityTerm[];
  /** Names podAffinity or podAntiAffinity at all, even preferred or empty. */
  readonly hasAffinity: boolean;
  /** Names of the claims among its volumes. */
  readonly claimNames: readonly string[];
}

/** Devices of one kind that Reserve has given to a pod, and those of other kinds: of a Map every pod would have 200 bytes. */
export interface GivenDevices {
  readonly kind: string;
  /** Numbers of the devices on the node. */
  readonly indices: readonly number[];
  readonly others: GivenDevices | undefined;
}

/** With these devices of a kind, in place of any that were given before. */
export function withDevices(given: GivenDevices | undefined, kind: string, indices: readonly number[]): GivenDevices {
  return { kind, indices, others: withoutDevices(given, kind) };
}

function withoutDevices(given: GivenDevices | undefined, kind: string): GivenDevices | undefined {
  if (given === undefined) return undefined;
  const others = withoutDevices(given.others, kind);
  return given.kind === kind ? others : { ...given, others };
}

/** Numbers of the devices of a kind; undefined = none were given. */
export function devicesOfKind(given: GivenDevices | undefined, kind: string): readonly number[] | undefined {
  let entry = given;
  while (entry !== undefined && entry.kind !== kind) entry = entry.others;
  return entry?.indices;
}

/** A pod on a node, in a queue or in a what-if. */
export class PodInfo {
  /** Of a pod on a node the newest version that the scheduler has seen; only the cache replaces it. */
  pod: Pod;
  readonly needs: PodNeeds;
  /**
   * Equal for pods of one namespace with the same labels, as those of one template have them: what a selector says of one it says
   * of all. 0 = on its way out, which spreading does not count.
   */
  readonly labelClass: number;
  /** Devices that Reserve has given it; undefined = none, or those that the pod says itself. */
  devices: GivenDevices | undefined = undefined;

  constructor(pod: Pod, needs: PodNeeds, labelClass: number) {
    this.pod = pod;
    this.needs = needs;
    this.labelClass = labelClass;
  }
}

/** Makes PodInfos; parses each (template, namespace) once. One per scheduler. */
export class PodInfoFactory {
  private readonly known = new WeakMap<PodSpec, Map<string, PodNeeds>>();
  private readonly labelClasses = new Map<string, WeakMap<Labels, number>>();
  private labelClassCount = 0;

  podInfo(pod: Pod): PodInfo {
    return new PodInfo(pod, this.needsOf(pod), this.labelClassOf(pod));
  }

  /** What the pod asks for; pods whose status tells of a resize have needs of their own. */
  needsOf(pod: Pod): PodNeeds {
    const needs = this.templateNeeds(pod);
    if (!isResized(pod)) return needs;
    return { ...needs, ...amountsOf(resizedRequests(pod), resizedRequestsNonZero(pod)) };
  }

  private labelClassOf({ metadata: { namespace, labels, deletionTimestamp } }: Pod): number {
    if (deletionTimestamp !== undefined) return 0;
    let classes = this.labelClasses.get(namespace);
    if (classes === undefined) this.labelClasses.set(namespace, (classes = new WeakMap()));
    let labelClass = classes.get(labels);
    if (labelClass === undefined) classes.set(labels, (labelClass = ++this.labelClassCount));
    return labelClass;
  }

  private templateNeeds(pod: Pod): PodNeeds {
    const spec = sharedSpec(pod.spec);
    const { namespace } = pod.metadata;
    let byNamespace = this.known.get(spec);
    if (byNamespace === undefined) this.known.set(spec, (byNamespace = new Map()));
    let needs = byNamespace.get(namespace);
    if (needs === undefined) byNamespace.set(namespace, (needs = parseNeeds(spec, namespace)));
    return needs;
  }
}

type Amounts = Pick<
  PodNeeds,
  'milliCpu' | 'memory' | 'ephemeralStorage' | 'scalars' | 'nonZeroMilliCpu' | 'nonZeroMemory'
>;

function amountsOf(requests: ResourceList, nonZero: ResourceList): Amounts {
  return {
    milliCpu: requests.get('cpu') ?? 0,
    memory: requests.get('memory') ?? 0,
    ephemeralStorage: requests.get('ephemeral-storage') ?? 0,
    scalars: scalarResources(requests),
    nonZeroMilliCpu: nonZero.get('cpu') ?? 0,
    nonZeroMemory: nonZero.get('memory') ?? 0,
  };
}

function parseNeeds(spec: PodSpec, namespace: string): PodNeeds {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const term = (source: PodAffinityTerm): AffinityTerm => parseAffinityTerm(source, namespace);
  const weighted = ({ weight, podAffinityTerm }: WeightedPodAffinityTerm): WeightedAffinityTerm => ({
    weight,
    term: term(podAffinityTerm),
  });
  return {
    ...amountsOf(podRequests(spec), podRequestsNonZero(spec)),
    hostPorts: hostPortsOf(spec),
    requiredAffinityTerms: (podAffinity?.required ?? []).map(term),
    requiredAntiAffinityTerms: (podAntiAffinity?.required ?? []).map(term),
    preferredAffinityTerms: (podAffinity?.preferred ?? []).map(weighted),
    preferredAntiAffinityTerms: (podAntiAffinity?.preferred ?? []).map(weighted),
    hasAffinity: podAffinity !== undefined || podAntiAffinity !== undefined,
    claimNames: spec.volumes.flatMap(({ claimName }) => (claimName === undefined ? [] : [claimName])),
  };
}

/** Reads a term as a pod of that namespace means it (upstream `newAffinityTerm`, `getNamespacesFromPodAffinityTerm`). */
export function parseAffinityTerm(source: PodAffinityTerm, namespace: string): AffinityTerm {
  const { namespaces, namespaceSelector, labelSelector, topologyKey } = source;
  const isOwn = namespaces.length === 0 && namespaceSelector === undefined;
  return {
    topologyKey,
    namespaces: new Set(isOwn ? [namespace] : namespaces),
    matchesLabels: compileSelector(labelSelector),
    matchesNamespaceLabels: compileSelector(namespaceSelector),
    selectsNamespaces: namespaceSelector !== undefined && !isEmptySelector(namespaceSelector),
  };
}

/**
 * Whether a term means this pod.
 *
 * @param namespaceLabels labels of the pod's namespace; undefined = unknown, read as an empty set.
 */
export function matchesAffinityTerm(term: AffinityTerm, pod: Pod, namespaceLabels: Labels | undefined): boolean {
  const { namespace, labels } = pod.metadata;
  const isNamespace = term.namespaces.has(namespace) || term.matchesNamespaceLabels(namespaceLabels ?? noLabels);
  return isNamespace && term.matchesLabels(labels);
}

/** Resources that NodeInfo counts by name (upstream `schedutil.IsScalarResourceName`); all others are dropped. */
export function isScalarResource(name: string): boolean {
  if (name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')) return true;
  if (name.includes('kubernetes.io/')) return true;
  return isExtendedResource(name);
}

/** A name with a domain that is not Kubernetes' own (upstream `v1helper.IsExtendedResourceName`). */
export function isExtendedResource(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

const noScalars: ResourceList = new Map();

/** The part of a list that NodeInfo keeps by name. */
export function scalarResources(resources: ResourceList): ResourceList {
  let scalars: Map<string, number> | undefined;
  for (const [name, amount] of resources) if (isScalarResource(name)) (scalars ??= new Map()).set(name, amount);
  return scalars ?? noScalars;
}
