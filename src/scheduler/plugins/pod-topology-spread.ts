import type { Pod, PodSpec, TopologySpreadConstraint } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { compileRequiredNodeAffinity } from '../../api/node-selector.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { skip } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { DefaultSelectors } from './default-selector.ts';
import { HardSpread } from './hard-spread.ts';
import { NodeTallies } from './node-tallies.ts';
import { defaultSpreadArgs, readSpreadArgs, systemDefaultConstraints } from './pod-topology-spread-args.ts';
import type { PodTopologySpreadArgs } from './pod-topology-spread-args.ts';
import { SoftSpread } from './soft-spread.ts';
import { ownConstraints, spreadConstraint } from './spread-constraint.ts';
import type { NodeTest, SpreadConstraint } from './spread-constraint.ts';
import { hintAfterNodeChange, hintAfterPodChange, hintAfterWaitingPodChange } from './spread-hints.ts';

/** What is the same for all pods of a template and labels. */
interface TemplateConstraints {
  readonly labels: Labels;
  readonly namespace: string;
  readonly hard: readonly SpreadConstraint[];
  readonly soft: readonly SpreadConstraint[];
  readonly required: NodeTest;
}

const hardKey = cycleStateKey<HardSpread>('PreFilterPodTopologySpread');
const softKey = cycleStateKey<SoftSpread>('PreScorePodTopologySpread');
const none: readonly SpreadConstraint[] = Object.freeze([]);

/** Spreads pods over the domains of topology keys (`pl/podtopologyspread`). */
class PodTopologySpread implements Plugin {
  readonly name = 'PodTopologySpread';
  private readonly handle: Handle;
  private readonly isSystemDefaulted: boolean;
  private readonly defaultsHard: readonly TopologySpreadConstraint[];
  private readonly defaultsSoft: readonly TopologySpreadConstraint[];
  private readonly defaultSelectors = new DefaultSelectors();
  private readonly tallies = new NodeTallies();
  private readonly templates = new WeakMap<PodSpec, TemplateConstraints>();

  constructor({ defaultConstraints, defaultingType }: PodTopologySpreadArgs, handle: Handle) {
    this.handle = handle;
    this.isSystemDefaulted = defaultingType === 'System';
    const defaults = this.isSystemDefaulted ? systemDefaultConstraints : defaultConstraints;
    this.defaultsHard = defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
    this.defaultsSoft = defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
  }

  preFilter(state: CycleState, pod: Pod, nodes: readonly NodeInfo[]): Status | undefined {
    const constraints = this.hardConstraints(pod);
    if (constraints.length === 0) return skip;
    state.write(hardKey, HardSpread.of(constraints, pod, nodes, this.tallies, this.templateOf(pod).required));
    return undefined;
  }

  addPod(state: CycleState, pod: Pod, added: PodInfo, node: NodeInfo): undefined {
    state.read(hardKey)!.update(pod, added.pod, node, 1);
  }

  removePod(state: CycleState, pod: Pod, removed: PodInfo, node: NodeInfo): undefined {
    state.read(hardKey)!.update(pod, removed.pod, node, -1);
  }

  filter(state: CycleState, _pod: Pod, node: NodeInfo): Status | undefined {
    return state.read(hardKey)?.verdict(node);
  }

  preScore(state: CycleState, pod: Pod, feasible: readonly NodeInfo[]): Status | undefined {
    const { snapshot } = this.handle;
    const isOwn = pod.spec.topologySpreadConstraints.length > 0;
    const constraints = isOwn ? this.templateOf(pod).soft : this.defaultConstraints(pod, this.defaultsSoft);
    if (snapshot.nodes.length === 0 || constraints.length === 0) return skip;
    const { required } = this.templateOf(pod);
    const needsAllKeys = isOwn || !this.isSystemDefaulted;
    state.write(softKey, SoftSpread.of(constraints, pod, snapshot, feasible, this.tallies, required, needsAllKeys));
    return undefined;
  }

  score(state: CycleState, _pod: Pod, node: NodeInfo): number {
    return state.read(softKey)!.score(node);
  }

  scoreNodes(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    const spread = state.read(softKey)!;
    for (let at = 0; at < nodes.length; at++) scores[at] = spread.score(nodes[at]!);
  }

  normalizeScore(state: CycleState, _pod: Pod, scores: Float64Array, nodes: readonly NodeInfo[]): undefined {
    state.read(softKey)!.normalize(scores, nodes);
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    const { add, delete: remove, updateNodeLabel, updateNodeTaint, updatePodLabel, updatePodToleration } = ActionType;
    const afterPodChange = (pod: Pod, before: Pod | undefined, after: Pod | undefined): QueueingHint =>
      hintAfterPodChange(pod, this.hardConstraints(pod), before, after);
    return [
      onClusterEvent('AssignedPod', add | updatePodLabel | remove, afterPodChange),
      onClusterEvent('TargetPod', updatePodToleration | updatePodLabel, (pod, before, after) =>
        hintAfterWaitingPodChange(this.hardConstraints(pod), before!, after!),
      ),
      onClusterEvent('Node', add | remove | updateNodeLabel | updateNodeTaint, (pod, before, after) =>
        hintAfterNodeChange(this.hardConstraints(pod), before, after),
      ),
    ];
  }

  private hardConstraints(pod: Pod): readonly SpreadConstraint[] {
    const isOwn = pod.spec.topologySpreadConstraints.length > 0;
    return isOwn ? this.templateOf(pod).hard : this.defaultConstraints(pod, this.defaultsHard);
  }

  /** For pods that name no constraint at all, not even one of the other action. */
  private defaultConstraints(pod: Pod, sources: readonly TopologySpreadConstraint[]): readonly SpreadConstraint[] {
    if (sources.length === 0) return none;
    const selector = this.defaultSelectors.of(pod, this.handle.cluster);
    return selector.isEmpty ? none : sources.map((source) => spreadConstraint(source, selector));
  }

  private templateOf(pod: Pod): TemplateConstraints {
    const { spec, metadata } = pod;
    const { labels, namespace } = metadata;
    const known = this.templates.get(spec);
    if (known !== undefined && known.labels === labels && known.namespace === namespace) return known;
    const template: TemplateConstraints = {
      labels,
      namespace,
      hard: ownConstraints(pod, 'DoNotSchedule'),
      soft: ownConstraints(pod, 'ScheduleAnyway'),
      required: compileRequiredNodeAffinity(spec),
    };
    this.templates.set(spec, template);
    return template;
  }
}

export const podTopologySpread = definePlugin<PodTopologySpreadArgs>({
  name: 'PodTopologySpread',
  description: 'spreads pods over zones, nodes and other domains',
  defaultArgs: defaultSpreadArgs,
  readArgs: readSpreadArgs,
  create: (args, handle) => new PodTopologySpread(args, handle),
});
