/**
 * Runs the plugins of one profile (upstream `ps/framework/runtime/framework.go`). The plugins are sorted into one array per
 * extension point when the profile is built; from then on nobody asks which methods a plugin has.
 */
import type { Pod } from '../../api/core-v1.ts';
import type { Kind, KindMap } from '../../api/kinds.ts';
import type { Uid } from '../../api/meta-v1.ts';
import type { ApiRequest, ApiResponse } from '../../apiserver/requests.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { KubeEvent, PreemptionAttempt } from '../../record/facts.ts';
import { BindingStage } from './binding-stage.ts';
import { checkVerdict } from './checked-verdict.ts';
import { ClassMemories } from './class-memory.ts';
import type { ClassMemory } from './class-memory.ts';
import type { FrameworkServices } from './framework-services.ts';
import { preFilterExtensionError } from './stage-errors.ts';
import type { CycleState } from './cycle-state.ts';
import type { PluginRegistry } from './define-plugin.ts';
import { EvaluationCounts } from './evaluation-counts.ts';
import type {
  ClusterChangeHandler,
  ClusterInterest,
  ClusterLister,
  ExpectedPods,
  Handle,
  PodNominator,
  SnapshotLister,
  WaitingPod,
} from './handle.ts';
import type { FilterPlugin, Plugin, PostFilterResult, PreFilterPlugin, ScorePlugin } from './interface.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeStatuses } from './node-statuses.ts';
import type { PodInfo, PodNeeds } from './pod-info.ts';
import { assertStatus } from './plugin-answer.ts';
import { PluginSet } from './plugin-set.ts';
import type { Signed, With } from './plugin-set.ts';
import { scoreWeight } from './profile.ts';
import type { ExtensionPoint, ProfileConfiguration } from './profile.ts';
import type { QueuedPodInfo } from './queued-pod-info.ts';
import { registeredEvents } from './registered-events.ts';
import type { RegisteredEvent } from './registered-events.ts';
import { runPreFilter } from './run-pre-filter.ts';
import type { PreFilterOutcome } from './run-pre-filter.ts';
import type { NodeScores } from './run-score.ts';
import { ScoreStage } from './run-score.ts';
import { Code, Status, isRejected, isSkip, isSuccess } from './status.ts';

/** The plugins of one profile, ready to run. */
export class Framework implements Handle {
  readonly profile: ProfileConfiguration;
  /** What is wrong with the profile, in upstream's words; a profile with problems must not run. */
  readonly problems: readonly string[];
  readonly evaluations: EvaluationCounts;
  readonly binding: BindingStage;
  readonly preEnqueuePlugins: readonly Signed<With<'preEnqueue'>>[];
  readonly queueSortPlugin: With<'less'> | undefined;
  private readonly services: FrameworkServices;
  private readonly sharedValues = new Map<object, unknown>();
  private readonly plugins: PluginSet;
  private readonly preFilterPlugins: readonly Signed<Plugin & PreFilterPlugin>[];
  private readonly filterPlugins: readonly Signed<Plugin & FilterPlugin>[];
  private readonly postFilterPlugins: readonly Signed<With<'postFilter'>>[];
  private readonly preScorePlugins: readonly Signed<With<'preScore'>>[];
  private readonly scoreStage: ScoreStage;
  /** Filters that run in the present cycle are found once per cycle, not once per node. */
  private activeFilters: readonly Signed<Plugin & FilterPlugin>[] = [];
  private activeFiltersFor: ReadonlySet<string> | undefined;
  private readonly memories = new ClassMemories();
  private readonly classPlugins: readonly With<'classOf'>[];

  constructor(profile: ProfileConfiguration, registry: PluginRegistry, services: FrameworkServices) {
    this.profile = profile;
    this.services = services;
    this.plugins = new PluginSet(profile, registry, this);
    this.problems = this.plugins.problems;
    this.classPlugins = this.plugins.all.filter((plugin): plugin is With<'classOf'> => plugin.classOf !== undefined);
    this.preEnqueuePlugins = this.plugins.at('preEnqueue');
    this.queueSortPlugin = this.plugins.at<With<'less'>>('queueSort')[0]?.plugin;
    this.preFilterPlugins = this.plugins.at('preFilter');
    this.filterPlugins = this.plugins.at('filter');
    this.postFilterPlugins = this.plugins.at('postFilter');
    this.preScorePlugins = this.plugins.at('preScore');
    const scorers = this.plugins.at<Plugin & ScorePlugin>('score').map(({ plugin }) => plugin);
    this.scoreStage = new ScoreStage(
      scorers.map((plugin) => ({ plugin, weight: scoreWeight(profile.plugins, plugin.name) })),
      services.memory === 'verified',
    );
    this.binding = new BindingStage(this.plugins, services.waitingPods);
    this.evaluations = new EvaluationCounts((point) => this.pluginsAt(point));
  }

  /** Names of the plugins of a point in the order of running. */
  pluginsAt(point: ExtensionPoint): readonly string[] {
    return this.plugins.namesAt(point);
  }

  plugin(name: string): Plugin | undefined {
    return this.plugins.get(name);
  }

  get hasScorePlugins(): boolean {
    return this.pluginsAt('score').length > 0;
  }

  /** Whether no node is promised to any pod, as far as is known without a look at each. */
  get hasNoNominations(): boolean {
    return this.services.nominator.isEmpty;
  }

  /** Whether what is remembered is also asked anew and compared. */
  get isVerified(): boolean {
    return this.services.memory === 'verified';
  }

  get hasPostFilterPlugins(): boolean {
    return this.postFilterPlugins.length > 0;
  }

  /** What the plugins of this profile want to hear, in the order of their first mention in the profile. */
  registeredEvents(): readonly RegisteredEvent[] {
    return registeredEvents(this.plugins.all);
  }

  runPreFilter(state: CycleState, pod: Pod, nodes: readonly NodeInfo[]): PreFilterOutcome {
    const outcome = runPreFilter(this.preFilterPlugins, state, pod, nodes);
    // A pod that has a node is bound to one name in its spec, which it shares with others all the same.
    if (pod.spec.nodeName === '' && this.services.memory !== 'off') {
      const memory = this.memoryOf(pod);
      state.scores = memory;
      if (this.areFiltersLocal(state)) state.verdicts = memory;
    }
    return outcome;
  }

  private memoryOf(pod: Pod): ClassMemory {
    const { classPlugins } = this;
    const keys = classPlugins.length === 0 ? noKeys : classPlugins.map((plugin) => plugin.classOf(pod));
    return this.memories.of(this.needsOf(pod), keys);
  }

  private areFiltersLocal(state: CycleState): boolean {
    return this.filtersOf(state).every(({ plugin }) => plugin.isNodeLocal === true);
  }

  /** The first filter that does not pass ends it; a node carries one plugin's reasons only. */
  runFilter(state: CycleState, pod: Pod, node: NodeInfo): Status | undefined {
    const memory = state.verdicts;
    if (memory === undefined) return this.askFilters(state, pod, node);
    if (memory.isJudged(node)) {
      const known = memory.verdict(node);
      if (this.isVerified) checkVerdict(known, this.askFilters(state, pod, node), pod, node);
      return known;
    }
    const verdict = this.askFilters(state, pod, node);
    memory.judge(node, verdict);
    return verdict;
  }

  /** The same, asked anew: for one who keeps what is said himself. */
  askFilters(state: CycleState, pod: Pod, node: NodeInfo): Status | undefined {
    const filters = this.filtersOf(state);
    for (let at = 0; at < filters.length; at++) {
      const { plugin, signer } = filters[at]!;
      const status = plugin.filter(state, pod, node);
      if (status === undefined) continue;
      assertStatus(status, plugin.name, 'a filter returns a Status, or undefined where the pod may run');
      if (status.code === Code.success) continue;
      if (status.isRejected) return signer.sign(status);
      return new Status(Code.error, [`running "${plugin.name}" filter plugin: ${status.message}`], plugin.name);
    }
    return undefined;
  }

  /** What every filter of this cycle says of the node by itself, in their order, for `explain`. */
  runEachFilter(state: CycleState, pod: Pod, node: NodeInfo): readonly (readonly [string, Status | undefined])[] {
    return this.filtersOf(state).map(({ plugin }) => [plugin.name, plugin.filter(state, pod, node)]);
  }

  private filtersOf(state: CycleState): readonly Signed<Plugin & FilterPlugin>[] {
    const skipped = state.skipFilterPlugins;
    if (this.activeFiltersFor !== skipped) {
      this.activeFilters = this.filterPlugins.filter(({ plugin }) => !skipped.has(plugin.name));
      this.activeFiltersFor = skipped;
    }
    return this.activeFilters;
  }

  /**
   * Both must pass: with the pods of equal or higher priority that are nominated to the node, and without them (some
   * filters, such as pod affinity, pass only because of them).
   */
  runFilterPluginsWithNominatedPods(state: CycleState, pod: Pod, node: NodeInfo): Status | undefined {
    const nominated = this.services.nominator.nominatedPods(node.name);
    if (nominated.length === 0) return this.runFilter(state, pod, node);
    const rivals = nominated.filter(({ pod: other }) => isRival(other, pod));
    if (rivals.length === 0) return this.runFilter(state, pod, node);
    const stateWith = state.clone();
    const nodeWith = node.clone();
    for (const rival of rivals) {
      nodeWith.addPod(rival);
      const failure = this.runAddPod(stateWith, pod, rival, nodeWith);
      if (!isSuccess(failure)) return failure;
    }
    const status = this.runFilter(stateWith, pod, nodeWith);
    return isSuccess(status) ? this.runFilter(state, pod, node) : status;
  }

  runAddPod(state: CycleState, pod: Pod, added: PodInfo, node: NodeInfo): Status | undefined {
    for (const { plugin } of this.preFilterPlugins) {
      if (plugin.addPod === undefined || state.skipFilterPlugins.has(plugin.name)) continue;
      const status = plugin.addPod(state, pod, added, node);
      if (!isSuccess(status)) return preFilterExtensionError('AddPod', plugin.name, status!);
    }
    return undefined;
  }

  runRemovePod(state: CycleState, pod: Pod, removed: PodInfo, node: NodeInfo): Status | undefined {
    for (const { plugin } of this.preFilterPlugins) {
      if (plugin.removePod === undefined || state.skipFilterPlugins.has(plugin.name)) continue;
      const status = plugin.removePod(state, pod, removed, node);
      if (!isSuccess(status)) return preFilterExtensionError('RemovePod', plugin.name, status!);
    }
    return undefined;
  }

  /** The status of the result is always there; Success only if a plugin did something. */
  runPostFilter(state: CycleState, pod: Pod, statuses: NodeStatuses): PostFilterResult & { readonly status: Status } {
    const reasons: string[] = [];
    let nomination: Pick<PostFilterResult, 'nominatedNodeName'> = {};
    let firstPlugin = '';
    for (const { plugin, signer } of this.postFilterPlugins) {
      this.evaluations.addPostFilter(plugin.name);
      const result = plugin.postFilter(state, pod, statuses);
      const status = signer.sign(result.status ?? new Status(Code.success, [], ''));
      if (isSuccess(status) || status.code === Code.unschedulableAndUnresolvable) return { ...result, status };
      if (!isRejected(status)) return { status: new Status(Code.error, status.reasons, plugin.name) };
      if (result.nominatedNodeName !== undefined) nomination = { nominatedNodeName: result.nominatedNodeName };
      reasons.push(...status.reasons);
      if (firstPlugin === '') firstPlugin = plugin.name;
    }
    return { ...nomination, status: new Status(Code.unschedulable, reasons, firstPlugin) };
  }

  get hasPreScorePlugins(): boolean {
    return this.preScorePlugins.length > 0;
  }

  runPreScore(state: CycleState, pod: Pod, nodes: readonly NodeInfo[]): Status | undefined {
    const skipped = new Set<string>();
    for (const { plugin } of this.preScorePlugins) {
      const status = plugin.preScore(state, pod, nodes);
      if (isSkip(status)) skipped.add(plugin.name);
      else if (!isSuccess(status)) {
        return new Status(Code.error, [`running PreScore plugin "${plugin.name}": ${status!.message}`], plugin.name);
      }
    }
    state.skipScorePlugins = skipped;
    return undefined;
  }

  /** @param keepRaw also keeps the scores before normalizing, for `explain`. */
  runScore(state: CycleState, pod: Pod, nodes: readonly NodeInfo[], keepRaw = false): NodeScores | Status {
    return this.scoreStage.run(state, pod, nodes, keepRaw);
  }

  /** Whether `totalOf` says all: no score of this cycle depends on other nodes or is normalized over them. */
  hasPlainScores({ skipScorePlugins }: CycleState): boolean {
    return this.scoreStage.isPlain && skipScorePlugins.size === 0;
  }

  /** The weighted sum of the scores of one node; only where `hasPlainScores`. */
  totalOf(state: CycleState, pod: Pod, node: NodeInfo): number | Status {
    return this.scoreStage.totalOf(state, pod, node);
  }

  less(a: QueuedPodInfo, b: QueuedPodInfo): boolean {
    return this.queueSortPlugin!.less(a, b);
  }

  get profileName(): string {
    return this.profile.schedulerName;
  }
  get now(): number {
    return this.services.clock.now;
  }
  get snapshot(): SnapshotLister {
    return this.services.snapshot;
  }
  get cluster(): ClusterLister {
    return this.services.cluster;
  }
  get nominator(): PodNominator {
    return this.services.nominator;
  }
  podInfo(pod: Pod): PodInfo {
    return this.services.podInfos.podInfo(pod);
  }
  needsOf(pod: Pod): PodNeeds {
    return this.services.podInfos.needsOf(pod);
  }
  shared<T>(key: object, make: () => T): T {
    if (!this.sharedValues.has(key)) this.sharedValues.set(key, make());
    return this.sharedValues.get(key) as T;
  }
  random(name: string): RandomStream {
    return this.services.random(`scheduler/${this.profileName}/${name}`);
  }
  waitingPods(): readonly WaitingPod[] {
    return this.services.waitingPods.list();
  }
  waitingPod(uid: Uid): WaitingPod | undefined {
    return this.services.waitingPods.get(uid);
  }
  cancelPreBind(uid: Uid, message: string): boolean {
    return this.services.waitingPods.cancelPreBind(uid, message);
  }
  expectedPods(): readonly ExpectedPods[] {
    return this.services.expectedPods();
  }
  activate(pods: readonly Pod[]): void {
    this.services.activate(pods);
  }
  send<K extends Kind>(request: ApiRequest<K>, onResponse?: (response: ApiResponse<KindMap[K]>) => void): void {
    this.services.send(request, onResponse);
  }
  after(delayUs: number, callback: () => void): () => void {
    return this.services.after(delayUs, callback);
  }
  onClusterChange<K extends Kind>(kind: K, handler: ClusterChangeHandler<K>, interest?: ClusterInterest<K>): void {
    this.services.onClusterChange(kind, handler, interest);
  }
  kubeEvent(event: Omit<KubeEvent, 'source'>): void {
    this.services.kubeEvent({ ...event, source: this.profileName });
  }
  preemptionAttempt(attempt: Omit<PreemptionAttempt, 'profile'>): void {
    this.services.preemptionAttempt({ ...attempt, profile: this.profileName });
  }
}

const noKeys: readonly (object | undefined)[] = [];

/** Whether a nominated pod stands in the way of the pod: another one, of equal or higher priority. */
function isRival(nominated: Pod, pod: Pod): boolean {
  return nominated.spec.priority >= pod.spec.priority && nominated.metadata.uid !== pod.metadata.uid;
}
