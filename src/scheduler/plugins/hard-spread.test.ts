// Hard spreading against a second implementation as sets, written from the documentation of topology spread constraints.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Node, Pod } from '../../api/core-v1.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import { newPod } from '../../apiserver/pod-object.ts';
import { SchedulerFixture, nodeFrom } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';
import { Status } from '../framework/status.ts';

interface DrawnNode {
  readonly zone: string | undefined;
  readonly rack: string | undefined;
  readonly disk: string;
  readonly isTainted: boolean;
}

interface DrawnPod {
  readonly app: string;
  readonly tier: string | undefined;
  readonly namespace: string;
  readonly isLeaving: boolean;
  /** Modulo the number of nodes. */
  readonly at: number;
}

type DrawnSelector = 'none' | 'all' | 'app' | 'app-not' | 'tier';

interface DrawnConstraint {
  readonly key: 'zone' | 'rack' | 'kubernetes.io/hostname';
  readonly maxSkew: number;
  readonly minDomains: number | undefined;
  readonly selector: DrawnSelector;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
  readonly comparesTiers: boolean;
}

interface DrawnCluster {
  readonly nodes: readonly DrawnNode[];
  readonly pods: readonly DrawnPod[];
  readonly waiting: Pick<DrawnPod, 'app' | 'tier'>;
  readonly constraints: readonly DrawnConstraint[];
  readonly disk: string | undefined;
  readonly tolerates: boolean;
  readonly guest: DrawnPod;
}

const drawnPod: fc.Arbitrary<DrawnPod> = fc.record({
  app: fc.constantFrom('web', 'web', 'db'),
  tier: fc.constantFrom(undefined, 'front', 'back'),
  namespace: fc.constantFrom('default', 'default', 'default', 'other'),
  isLeaving: fc.constantFrom(false, false, false, true),
  at: fc.nat(5),
});

const drawnConstraint: fc.Arbitrary<DrawnConstraint> = fc.record({
  key: fc.constantFrom('zone', 'zone', 'rack', 'kubernetes.io/hostname'),
  maxSkew: fc.constantFrom(1, 1, 2, 3),
  minDomains: fc.constantFrom(undefined, undefined, 1, 2, 3, 4),
  selector: fc.constantFrom('app', 'app', 'app-not', 'tier', 'all', 'none'),
  honorsAffinity: fc.boolean(),
  honorsTaints: fc.boolean(),
  comparesTiers: fc.boolean(),
});

const drawnCluster: fc.Arbitrary<DrawnCluster> = fc.record({
  nodes: fc.array(
    fc.record({
      zone: fc.constantFrom('a', 'a', 'b', 'c', undefined),
      rack: fc.constantFrom('x', 'y', undefined),
      disk: fc.constantFrom('ssd', 'hdd'),
      isTainted: fc.constantFrom(false, false, true),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  pods: fc.array(drawnPod, { minLength: 2, maxLength: 9 }),
  waiting: drawnPod,
  constraints: fc.uniqueArray(drawnConstraint, { minLength: 1, maxLength: 3, selector: ({ key }) => key }),
  disk: fc.constantFrom(undefined, undefined, 'ssd'),
  tolerates: fc.boolean(),
  guest: drawnPod.map((pod) => ({ ...pod, isLeaving: false })),
});

/** The second implementation. */
class Spreading {
  private readonly cluster: DrawnCluster;
  private readonly guests: readonly DrawnPod[];

  constructor(cluster: DrawnCluster, guests: readonly DrawnPod[] = []) {
    this.cluster = cluster;
    this.guests = guests;
  }

  verdicts(): readonly string[] {
    const { nodes, constraints } = this.cluster;
    return nodes.map((_node, at) => {
      const found = constraints.map((constraint) => this.verdict(constraint, at));
      return found.find((text) => text !== 'ok') ?? 'ok';
    });
  }

  private verdict(constraint: DrawnConstraint, at: number): string {
    const domain = this.domain(constraint, at);
    if (domain === undefined) return 'UnschedulableAndUnresolvable';
    const { nodes, waiting } = this.cluster;
    const eligible = new Set([...nodes.keys()].filter((node) => this.isEligible(constraint, node)));
    const domains = new Set([...eligible].map((node) => this.domain(constraint, node)!));
    // Where the selector asks for nothing, the real one counts pods of what-ifs only.
    const counted = [...(asksForSomething(constraint, waiting) ? this.cluster.pods : []), ...this.guests];
    const countIn = (name: string): number =>
      counted.filter(
        (pod) =>
          eligible.has(this.placeOf(pod)) &&
          this.domain(constraint, this.placeOf(pod)) === name &&
          pod.namespace === 'default' &&
          !pod.isLeaving &&
          isSelected(constraint, waiting, pod),
      ).length;
    const isShort = domains.size < (constraint.minDomains ?? 1);
    const globalMinimum = isShort ? 0 : Math.min(...[...domains].map(countIn));
    const itself = isSelected(constraint, waiting, waiting) ? 1 : 0;
    return countIn(domain) + itself - globalMinimum > constraint.maxSkew ? 'Unschedulable' : 'ok';
  }

  private placeOf({ at }: DrawnPod): number {
    return at % this.cluster.nodes.length;
  }

  private domain({ key }: DrawnConstraint, at: number): string | undefined {
    return key === 'kubernetes.io/hostname' ? `n${at}` : this.cluster.nodes[at]![key];
  }

  private isEligible(constraint: DrawnConstraint, at: number): boolean {
    const { nodes, constraints, disk, tolerates } = this.cluster;
    const node = nodes[at]!;
    if (constraints.some((each) => this.domain(each, at) === undefined)) return false;
    if (constraint.honorsAffinity && disk !== undefined && node.disk !== disk) return false;
    return !(constraint.honorsTaints && node.isTainted && !tolerates);
  }
}

type Labelled = Pick<DrawnPod, 'app' | 'tier'>;

function asksForSomething({ selector, comparesTiers }: DrawnConstraint, { tier }: Labelled): boolean {
  return selector !== 'all' || (comparesTiers && tier !== undefined);
}

function isSelected({ selector, comparesTiers }: DrawnConstraint, { tier }: Labelled, pod: Labelled): boolean {
  const comparesTier = comparesTiers && tier !== undefined;
  if (comparesTier && pod.tier !== tier) return false;
  switch (selector) {
    case 'none':
      return comparesTier;
    case 'all':
      return true;
    case 'app':
      return pod.app === 'web';
    case 'app-not':
      return pod.app !== 'web';
    case 'tier':
      return pod.tier !== undefined;
  }
}

const selectors: Readonly<Record<DrawnSelector, object | undefined>> = {
  none: undefined,
  all: {},
  app: { matchLabels: { app: 'web' } },
  'app-not': { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
  tier: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
};

/** One scheduler for all clusters, one after another: what it keeps from cycle to cycle must not show. */
class World {
  private readonly fixture = new SchedulerFixture();
  private readonly plugin = this.fixture.plugin('PodTopologySpread');
  private readonly template = this.fixture.pod();
  private readonly knownNodes = new Map<string, Node>();
  private nodes: Node[] = [];
  private pods: Pod[] = [];
  private uid = 1000;

  verdicts(cluster: DrawnCluster): readonly [now: readonly string[], withGuest: readonly string[]] {
    for (const pod of this.pods) this.fixture.cache.removePod(pod);
    for (const node of this.nodes) this.fixture.cache.removeNode(node);
    this.nodes = cluster.nodes.map((node, at) => this.node(node, at));
    this.pods = cluster.pods.map((pod) => this.pod(pod));
    for (const node of this.nodes) this.fixture.cache.addNode(node);
    this.pods = this.pods.map((pod, at) => this.fixture.bind(pod, this.nodeName(cluster.pods[at]!)));
    const pod = this.fixture.pod(podSpec(cluster), { metadata: { labels: labelsOf(cluster.waiting) } });
    const state = new CycleState();
    const skipped = this.plugin.preFilter!(state, pod, this.fixture.nodes);
    expect(skipped).toBeUndefined();
    const copy = state.clone();
    const guest = this.fixture.podInfos.podInfo(this.pod(cluster.guest));
    this.plugin.addPod!(copy, pod, guest, this.fixture.cache.get(this.nodeName(cluster.guest))!);
    return [this.texts(state, pod), this.texts(copy, pod)];
  }

  private texts(state: CycleState, pod: Pod): readonly string[] {
    return this.nodes.map(({ metadata }) => {
      const status = this.plugin.filter!(state, pod, this.fixture.cache.get(metadata.name)!);
      return status instanceof Status ? codeText(status) : 'ok';
    });
  }

  /** Few nodes are different, and reading manifests takes time. */
  private node(drawn: DrawnNode, at: number): Node {
    const key = JSON.stringify([drawn.zone, drawn.rack, drawn.disk, drawn.isTainted, at]);
    const node = this.knownNodes.get(key) ?? nodeOf(drawn, at);
    this.knownNodes.set(key, node);
    return node;
  }

  private nodeName({ at }: DrawnPod): string {
    return `n${at % this.nodes.length}`;
  }

  private pod(drawn: DrawnPod): Pod {
    const uid = ++this.uid;
    const { namespace, isLeaving } = drawn;
    const deletionTimestamp = isLeaving ? 0 : undefined;
    const { metadata, spec, status } = this.template;
    const own = { name: `p${uid}`, uid, namespace, labels: labelsOf(drawn), deletionTimestamp };
    return newPod(metadataWith(metadata, own), spec, status);
  }
}

function codeText({ reasons, code }: Status): string {
  const reason = "node(s) didn't match pod topology spread constraints";
  if (code === 2) expect(reasons).toEqual([reason]);
  else expect(reasons).toEqual([`${reason} (missing required label)`]);
  return code === 2 ? 'Unschedulable' : 'UnschedulableAndUnresolvable';
}

function labelsOf({ app, tier }: Labelled): Record<string, string> {
  return { app, ...(tier !== undefined && { tier }) };
}

function nodeOf({ zone, rack, disk, isTainted }: DrawnNode, at: number): Node {
  const labels = {
    'kubernetes.io/hostname': `n${at}`,
    disk,
    ...(zone !== undefined && { zone }),
    ...(rack !== undefined && { rack }),
  };
  const taints = isTainted ? [{ key: 'k', effect: 'NoSchedule' }] : [];
  return nodeFrom({ metadata: { name: `n${at}`, labels }, spec: { taints } });
}

function podSpec({ constraints, disk, tolerates }: DrawnCluster): Record<string, unknown> {
  return {
    topologySpreadConstraints: constraints.map((each) => ({
      topologyKey: each.key,
      maxSkew: each.maxSkew,
      minDomains: each.minDomains,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: selectors[each.selector],
      matchLabelKeys: each.comparesTiers ? ['tier'] : [],
      nodeAffinityPolicy: each.honorsAffinity ? undefined : 'Ignore',
      nodeTaintsPolicy: each.honorsTaints ? 'Honor' : undefined,
    })),
    nodeSelector: disk === undefined ? {} : { disk },
    tolerations: tolerates ? [{ key: 'k', operator: 'Exists' }] : [],
  };
}

test('hard spreading refuses the nodes that the documentation says, also with a pod more', () => {
  const world = new World();
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(drawnCluster, (cluster) => {
      const [now, withGuest] = world.verdicts(cluster);
      expect(now).toEqual(new Spreading(cluster).verdicts());
      expect(withGuest).toEqual(new Spreading(cluster, [cluster.guest]).verdicts());
      for (const text of now) seen.set(text, (seen.get(text) ?? 0) + 1);
    }),
    { numRuns: 10_000 },
  );
  // So that clusters in which everything fits cannot pass for a test.
  for (const text of ['ok', 'Unschedulable', 'UnschedulableAndUnresolvable']) {
    expect(seen.get(text)).toBeGreaterThan(3000);
  }
}, 60_000);
