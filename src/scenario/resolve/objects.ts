/** Which objects of a dump or of a user's manifests are taken over, and as what. */
import type { Pod } from '../../api/core-v1.ts';
import type { Kind } from '../../api/kinds.ts';
import { controllerOf } from '../../api/meta-v1.ts';
import { newPodStatus } from '../../api/pod-status.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import type { Behavior } from '../../kubelet/behavior.ts';
import type { ManifestObject } from '../../workload/manifest-object.ts';
import type { TimedUserAction } from '../../workload/user-action.ts';
import type { Place } from '../diagnostics.ts';
import { count } from '../diagnostics.ts';
import type { ManifestReader, ReadObject } from '../manifests.ts';
import { placeOf } from '../manifests.ts';
import * as messages from '../messages.ts';
import type { Catalogue } from './catalogue.ts';
import type { ResolveContext } from './context.ts';
import { reportMissingClasses } from './missing-classes.ts';
import { reportMissingResources } from './missing-resources.ts';
import type { TimedObject } from './refused-updates.ts';
import { reportRefusedUpdates } from './refused-updates.ts';
import { reportUnmeasured } from './unmeasured.ts';

/** Kinds that the control plane fills by itself; kinds that are stored without effect are named as they are written. */
const ownKinds: ReadonlySet<string> = new Set(['Event', 'Lease', 'Endpoints', 'EndpointSlice', 'ComponentStatus']);
const ownGroups: ReadonlySet<string> = new Set([
  'v1',
  'events.k8s.io/v1',
  'coordination.k8s.io/v1',
  'discovery.k8s.io/v1',
]);
/** Controllers of which this program has its own. */
const controllerKinds: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'Node',
]);

/** Chooses among the objects that were read, counts what is left out, and tells so once. */
export class ObjectIntake {
  private readonly context: ResolveContext;
  private readonly manifests: ManifestReader;
  private readonly catalogue: Catalogue;
  private readonly written: ReadObject[] = [];
  private readonly taken: TimedObject[] = [];
  private readonly leftOut = new Map<string, { amount: number; readonly place: Place }>();

  constructor(context: ResolveContext, manifests: ManifestReader, catalogue: Catalogue) {
    this.context = context;
    this.manifests = manifests;
    this.catalogue = catalogue;
  }

  /** Objects that are there before time starts. Nodes first, since pods refer to them. */
  initial(objects: readonly ReadObject[]): readonly ManifestObject[] {
    const kept = objects.filter((read) => !this.isRebuilt(read) && !this.isTerminating(read));
    const isNode = ({ entry }: ReadObject): boolean => entry.kind === 'Node';
    const nodes = kept.filter((read) => isNode(read) && this.take(read, 'start', 0));
    const others = kept.filter((read) => !isNode(read));
    const homed = this.withoutHomeless(others).filter((read) => this.take(read, 'start', 0));
    return [...nodes, ...homed].map(({ entry }) => entry);
  }

  /** Objects that a user applies at a time; namespaces and priorities first, as the order of files is not theirs. */
  applied(objects: readonly ReadObject[], scope: string, at: number): readonly ManifestObject[] {
    const kept = objects.filter((read) => {
      if (this.isNodeOfUser(read) || this.isRebuilt(read) || this.isTerminating(read)) return false;
      return !this.hasController(read) && this.take(read, scope, at);
    });
    this.written.push(...kept);
    return kept.map(({ entry }) => asWritten(entry)).sort((a, b) => rankOf(a) - rankOf(b));
  }

  /** Reports what has been left out, and what is missing when everything has been read. */
  finish(behaviors: readonly Behavior[], actions: readonly TimedUserAction[]): void {
    const { diagnostics } = this.context.texts;
    const taken = this.taken.map(({ read }) => read);
    reportMissingClasses(this.written, this.catalogue, diagnostics);
    reportMissingResources(this.written, this.catalogue.nodes, diagnostics);
    reportUnmeasured(taken, behaviors, this.catalogue, diagnostics);
    reportRefusedUpdates(this.taken, actions, diagnostics);
    for (const [noun, { amount, place }] of this.leftOut) diagnostics.add(messages.leftOut(count(amount, noun)), place);
  }

  private take(read: ReadObject, scope: string, at: number): boolean {
    if (!this.catalogue.add(read, scope, at)) return false;
    this.manifests.countInert(read);
    this.taken.push({ read, at });
    return true;
  }

  private leaveOut(noun: string, read: ReadObject): true {
    const known = this.leftOut.get(noun);
    if (known !== undefined) known.amount++;
    else this.leftOut.set(noun, { amount: 1, place: placeOf(read) });
    return true;
  }

  private isRebuilt(read: ReadObject): boolean {
    const { kind, apiVersion } = read.entry.object;
    return ownKinds.has(kind) && ownGroups.has(apiVersion) && this.leaveOut(kind, read);
  }

  private isTerminating(read: ReadObject): boolean {
    return read.entry.object.metadata.deletionTimestamp !== undefined && this.leaveOut('terminating object', read);
  }

  private hasController(read: ReadObject): boolean {
    const owner = controllerOf(read.entry.object);
    return owner !== undefined && controllerKinds.has(owner.kind) && this.leaveOut(`${owner.kind}'s object`, read);
  }

  private isNodeOfUser(read: ReadObject): boolean {
    if (read.entry.kind !== 'Node') return false;
    const finding = messages.contradiction('a Node is there from the start: list its file in spec.cluster.manifests');
    this.context.texts.diagnostics.add(finding, placeOf(read));
    return true;
  }

  private withoutHomeless(objects: readonly ReadObject[]): readonly ReadObject[] {
    const isHomeless = ({ entry }: ReadObject): boolean =>
      entry.kind === 'Pod' &&
      entry.object.spec.nodeName !== '' &&
      !this.catalogue.nodes.has(entry.object.spec.nodeName);
    const homeless = objects.filter(isHomeless);
    const [first] = homeless;
    if (first === undefined) return objects;
    const { namespace, name } = first.entry.object.metadata;
    const example = `${namespace}/${name} on ${(first.entry.object as Pod).spec.nodeName}`;
    this.context.texts.diagnostics.add(messages.homelessPods(homeless.length, example), placeOf(first));
    return objects.filter((read) => !isHomeless(read));
  }
}

/** A pod that is created has no status yet, whatever a dump says. */
function asWritten(entry: ManifestObject): ManifestObject {
  return entry.kind === 'Pod' ? { kind: 'Pod', object: podWith(entry.object, { status: newPodStatus }) } : entry;
}

/** What admission asks for when a pod comes. */
const neededByPods: ReadonlySet<Kind> = new Set<Kind>(['LimitRange', 'PriorityClass', 'RuntimeClass']);

function rankOf({ kind }: ManifestObject): number {
  return kind === 'Namespace' ? 0 : neededByPods.has(kind) ? 1 : 2;
}
