/** What the documents of a scenario define, so that its other parts can refer to it: nodes, zones, workloads, namespaces. */
import { zoneOf } from '../../api/node-conditions.ts';
import type { Node, PodSpec } from '../../api/core-v1.ts';
import type { Kind, KindMap } from '../../api/kinds.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { controllerOf, newObjectMeta } from '../../api/meta-v1.ts';
import { canonicalText } from '../../api/template-hash.ts';
import { generatorLabel } from '../../workload/generator.ts';
import type { GeneratorSpec } from '../../workload/generator-spec.ts';
import type { ManifestObject } from '../../workload/manifest-object.ts';
import { describeObject, objectKey } from '../../workload/manifest-object.ts';
import type { Place } from '../diagnostics.ts';
import type { ReadObject } from '../manifests.ts';
import { placeOf } from '../manifests.ts';
import * as messages from '../messages.ts';
import type { InputTexts } from '../input-texts.ts';
import { describePlace } from './context.ts';

/** Pods that the scenario will have, as far as behaviours and faults choose among them. */
export interface PodDescription {
  readonly namespace: string;
  /** Kind of the controlling owner, or `Pod`. */
  readonly ownerKind: string;
  /** Name of the workload, or of the pod itself. */
  readonly name: string;
  readonly labels: Labels;
  /** Their names, those of init containers last. */
  readonly containers: readonly string[];
  /** One pod and no more; of a workload and of a generator there are as many as the run brings about. */
  readonly isSingle: boolean;
}

/** Namespaces that every cluster has. */
const systemNamespaces: ReadonlySet<string> = new Set(['default', 'kube-node-lease', 'kube-public', 'kube-system']);

interface NamespaceUse {
  readonly at: number;
  readonly place: () => Place;
}

/** Filled while the scenario is resolved; the parts that refer to others come last. */
export class Catalogue {
  readonly nodes = new Map<string, Node>();
  readonly zones = new Set<string>();
  readonly pods: PodDescription[] = [];
  /** False where a trace brings pods that stand in no manifest. */
  knowsAllPods = true;
  private readonly texts: InputTexts;
  /** By time or action, then by object: where it was defined. */
  private readonly defined = new Map<string, { readonly read: ReadObject | undefined; readonly where: () => string }>();
  private readonly objects = new Map<string, ManifestObject>();
  private readonly namespacesDefined = new Map<string, number>();
  private readonly namespacesUsed = new Map<string, NamespaceUse>();

  constructor(texts: InputTexts) {
    this.texts = texts;
  }

  /** A node of a pool. Answers where a node of this name has been defined before, if so. */
  addPoolNode(node: Node, where: () => string): string | undefined {
    const key = `start\n${objectKey({ kind: 'Node', object: node })}`;
    const first = this.defined.get(key);
    if (first !== undefined) return first.where();
    this.defined.set(key, { read: undefined, where });
    this.addNode(node);
    return undefined;
  }

  /**
   * Takes an object up. False when it has been there before: reported, unless it is the same word for word, or a namespace,
   * which public manifests repeat. `scope` is the time or the action that it belongs to.
   */
  add(read: ReadObject, scope: string, at: number): boolean {
    const key = `${scope}\n${objectKey(read.entry)}`;
    const first = this.defined.get(key);
    if (first !== undefined) {
      const isHarmless = read.entry.kind === 'Namespace' || isSame(first.read, read);
      const finding = messages.duplicateObject(describeObject(read.entry), first.where());
      if (!isHarmless) this.texts.diagnostics.add(finding, placeOf(read));
      return false;
    }
    this.defined.set(key, { read, where: () => describePlace(placeOf(read)) });
    this.objects.set(objectKey(read.entry), read.entry);
    this.describe(read.entry);
    const { namespace, name } = read.entry.object.metadata;
    if (read.entry.kind === 'Namespace') this.defineNamespace(name, at);
    else this.useNamespace(namespace, at, () => placeOf(read));
    return true;
  }

  /** Pods that a generator makes. */
  addGenerator({ name, template, start }: GeneratorSpec, place: () => Place): void {
    const { metadata } = template.object;
    const isJob = template.kind === 'Job';
    const { labels, spec } = isJob ? template.object.spec.template : { ...template.object, labels: metadata.labels };
    const { namespace } = metadata;
    const containers = containerNames(spec);
    this.pods.push({
      namespace,
      ownerKind: template.kind,
      name,
      labels: { ...labels, [generatorLabel]: name },
      containers,
      isSingle: false,
    });
    this.useNamespace(namespace, start, place);
  }

  /** The object of a kind and name, as last defined. */
  object(kind: ManifestObject['kind'], namespace: string, name: string): ManifestObject | undefined {
    return this.objects.get(`${kind}\n${namespace}\n${name}`);
  }

  /** Names of the objects of a kind in a namespace. */
  namesOf(kind: ManifestObject['kind'], namespace: string): readonly string[] {
    const names: string[] = [];
    for (const entry of this.objects.values()) {
      const { metadata } = entry.object;
      if (entry.kind === kind && metadata.namespace === namespace) names.push(metadata.name);
    }
    return names;
  }

  /** Namespaces in use that nothing creates in time; reported, and made at the start. */
  missingNamespaces(): readonly ManifestObject[] {
    const missing = [...this.namespacesUsed].filter(
      ([name, { at }]) => !systemNamespaces.has(name) && at < (this.namespacesDefined.get(name) ?? Infinity),
    );
    if (missing.length > 0) {
      const names = missing.map(([name]) => name);
      this.texts.diagnostics.add(messages.namespacesCreated(names), missing[0]![1].place());
    }
    return missing.map(([name]) => {
      const metadata = newObjectMeta({ name, labels: { 'kubernetes.io/metadata.name': name } });
      return { kind: 'Namespace', object: { apiVersion: 'v1', kind: 'Namespace', metadata, phase: 'Active' } };
    });
  }

  private addNode(node: Node): void {
    this.nodes.set(node.metadata.name, node);
    const zone = zoneOf(node);
    if (zone !== '') this.zones.add(zone);
  }

  private describe({ kind, object }: ManifestObject): void {
    const { namespace, name, labels } = object.metadata;
    if (kind === 'Node') this.addNode(object);
    else if (kind === 'Pod') {
      const owner = controllerOf(object);
      const ownerKind = owner?.kind ?? 'Pod';
      this.addPods(object.spec, { namespace, ownerKind, name: owner?.name ?? name, labels }, owner === undefined);
    } else if (kind === 'CronJob') {
      const { template } = object.spec.jobTemplate.spec;
      this.addPods(template.spec, { namespace, ownerKind: 'Job', name, labels: template.labels });
    } else if (isWorkload(kind)) {
      const ownerKind = kind === 'Deployment' ? 'ReplicaSet' : kind;
      const { template } = (object as KindMap[typeof kind]).spec;
      this.addPods(template.spec, { namespace, ownerKind, name, labels: template.labels });
    }
  }

  private addPods(spec: PodSpec, parts: Omit<PodDescription, 'containers' | 'isSingle'>, isSingle = false): void {
    this.pods.push({ ...parts, containers: containerNames(spec), isSingle });
  }

  private defineNamespace(name: string, at: number): void {
    const known = this.namespacesDefined.get(name);
    if (known === undefined || at < known) this.namespacesDefined.set(name, at);
  }

  private useNamespace(name: string, at: number, place: () => Place): void {
    const known = this.namespacesUsed.get(name);
    if (name !== '' && (known === undefined || at < known.at)) this.namespacesUsed.set(name, { at, place });
  }
}

const workloads = [
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
  'Job',
] as const satisfies readonly Kind[];

function isWorkload(kind: Kind): kind is (typeof workloads)[number] {
  return (workloads as readonly Kind[]).includes(kind);
}

function isSame(first: ReadObject | undefined, second: ReadObject): boolean {
  return first !== undefined && canonicalText(first.raw) === canonicalText(second.raw);
}

function containerNames({ initContainers, containers }: PodSpec): readonly string[] {
  return [...containers, ...initContainers].map(({ name }) => name);
}
