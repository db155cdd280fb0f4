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
import { checkVerdict } from './checked-verdict.ts';
import { ClassMemories } from './class-memory.ts';
import type { ClassMemory } from './class-memory.ts';
import type { FrameworkServices } from './framework-services.ts';
import { bindingStatus, preFilterExtensionError, stageError } from './stage-errors.ts';
import type { CycleState } from './cycle-state.ts';
import type { PluginRegistry } from './define-plugin.ts';
import { EvaluationCounts } from './evaluation-counts.ts';
import type {
  ClusterChangeHandler,
  ClusterInterest,
  ClusterLister,
  Handle,
  PodNominator,
  SnapshotLister,
  WaitingPod,
} from './handle.ts';
import { permitTimeoutUsMax } from './interface.ts';
import type { Completion, FilterPlugin, Plugin, PostFilterResult, PreFilterPlugin, ScorePlugin } from './interface.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeStatuses } from './node-statuses.ts';
import type { PodInfo } from './pod-info.ts';
import {
  enabledPlugins,
  expandPoint,
  extensionPointInterfaces,
  extensionPoints,
  methodOf,
  scoreWeight,
} from './profile.ts';
import type { ExtensionPoint, ProfileConfiguration } from './profile.ts';
import type { QueuedPodInfo } from './queued-pod-info.ts';
import { registeredEvents } from './registered-events.ts';
import type { RegisteredEvent } from './registered-events.ts';
import { runPreFilter } from './run-pre-filter.ts';
import type { PreFilterOutcome } from './run-pre-filter.ts';
import type { NodeScores } from './run-score.ts';
import { ScoreStage } from './run-score.ts';
import { Code, Status, StatusSigner, errorStatus, isRejected, isSkip, isSuccess } from './status.ts';

type With<M extends keyof Plugin> = Plugin & Required<Pick<Plugin, M>>;

interface Signed<P> {
  readonly plugin: P;
  readonly signer: StatusSigner;
}

/** The plugins of one profile, ready to run. */
export class Framework implements Handle {
  readonly profile: ProfileConfiguration;
  /** What is wrong with the profile, in upstream's words; a profile with problems must not run. */
  readonly problems: readonly string[];
  readonly evaluations: EvaluationCounts;
  readonly preEnqueuePlugins: readonly Signed<With<'preEnqueue'>>[];
  readonly queueSortPlugin: With<'less'> | undefined;
  private readonly services: FrameworkServices;
  private readonly plugins = new Map<string, Plugin>();
  private readonly pointPlugins = new Map<ExtensionPoint, readonly string[]>();
  private readonly preFilterPlugins: readonly Signed<Plugin & PreFilterPlugin>[];
  private readonly filterPlugins: readonly Signed<Plugin & FilterPlugin>[];
  private readonly postFilterPlugins: readonly Signed<With<'postFilter'>>[];
  private readonly preScorePlugins: readonly Signed<With<'preScore'>>[];
  private readonly scoreStage: ScoreStage;
  private readonly reservePlugins: readonly Signed<With<'reserve' | 'unreserve'>>[];
  private readonly permitPlugins: readonly Signed<With<'permit'>>[];
  private readonly preBindPlugins: readonly Signed<With<'preBind' | 'preBindPreFlight'>>[];
  private readonly bindPlugins: readonly Signed<With<'bind'>>[];
  private readonly postBindPlugins: readonly Signed<With<'postBind'>>[];
  /** Filters that run in the present cycle are found once per cycle, not once per node. */
  private activeFilters: readonly Signed<Plugin & FilterPlugin>[] = [];
  private activeFiltersFor: ReadonlySet<string> | undefined;
  private readonly memories = new ClassMemories();
  private readonly classPlugins: readonly With<'classOf'>[];

  constructor(profile: ProfileConfiguration, registry: PluginRegistry, services: FrameworkServices) {
    this.profile = profile;
    this.services = services;
    const problems: string[] = [];
    for (const name of enabledPlugins(profile.plugins)) this.createPlugin(name, registry, problems);
    for (const point of extensionPoints) this.pointPlugins.set(point, this.expand(point, problems));
    this.classPlugins = [...this.plugins.values()].filter(
      (plugin): plugin is With<'classOf'> => plugin.classOf !== undefined,
    );
    this.preEnqueuePlugins = this.at('preEnqueue');
    this.queueSortPlugin = this.at<With<'less'>>('queueSort')[0]?.plugin;
    this.preFilterPlugins = this.at('preFilter');
    this.filterPlugins = this.at('filter');
    this.postFilterPlugins = this.at('postFilter');
    this.preScorePlugins = this.at('preScore');
    const scorers = this.at<Plugin & ScorePlugin>('score').map(({ plugin }) => plugin);
    this.scoreStage = new ScoreStage(
      scorers.map((plugin) => ({ plugin, weight: scoreWeight(profile.plugins, plugin.name) })),
      services.memory === 'verified',
    );
    this.reservePlugins = this.at('reserve');
    this.permitPlugins = this.at('permit');
    this.preBindPlugins = this.at('preBind');
    this.bindPlugins = this.at('bind');
    this.postBindPlugins = this.at('postBind');
    this.evaluations = new EvaluationCounts((point) => this.pluginsAt(point));
    this.checkCounts(problems);
    this.problems = problems;
  }

  private createPlugin(name: string, registry: PluginRegistry, problems: string[]): void {
    const definition = registry.get(name);
    if (definition === undefined) {
      problems.push(`plugin "${name}" does not exist`);
      return;
    }
    const args = this.profile.args.has(name) ? this.profile.args.get(name) : definition.defaultArgs;
    this.plugins.set(name, definition.create(args, this));
  }

  private expand(point: ExtensionPoint, problems: string[]): readonly string[] {
    const entries = expandPoint(this.profile.plugins, point, (name) => this.isImplementing(name, point));
    const names: string[] = [];
    for (const { name } of entries) {
      const kind = extensionPointInterfaces[point];
      if (!this.plugins.has(name)) continue;
      if (!this.isImplementing(name, point)) problems.push(`plugin "${name}" does not extend ${kind} plugin`);
      else if (names.includes(name)) problems.push(`plugin "${name}" already registered as "${kind}"`);
      else names.push(name);
    }
    return names;
  }

  private isImplementing(name: string, point: ExtensionPoint): boolean {
    const plugin = this.plugins.get(name);
    return plugin !== undefined && plugin[methodOf(point) as keyof Plugin] !== undefined;
  }

  private at<P extends Plugin>(point: ExtensionPoint): readonly Signed<P>[] {
    const names = this.pointPlugins.get(point)!;
    return names.map((name) => ({ plugin: this.plugins.get(name) as P, signer: new StatusSigner(name) }));
  }

  private checkCounts(problems: string[]): void {
    const profile = `profile with scheduler name "${this.profileName}"`;
    const sorters = this.pointPlugins.get('queueSort')!.length;
    if (sorters !== 1) problems.push(`only one queue sort plugin required for ${profile}, but got ${sorters}`);
    if (this.bindPlugins.length === 0) problems.push(`at least one bind plugin is needed for ${profile}`);
  }

  /** Names of the plugins of a point in the order of running. */
  pluginsAt(point: ExtensionPoint): readonly string[] {
    return this.pointPlugins.get(point)!;
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
    return registeredEvents([...this.plugins.values()]);
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
    return this.memories.of(this.services.podInfos.needsOf(pod), keys);
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

  private askFilters(state: CycleState, pod: Pod, node: NodeInfo): Status | undefined {
    const filters = this.filtersOf(state);
    for (let at = 0; at < filters.length; at++) {
      const { plugin, signer } = filters[at]!;
      const status = plugin.filter(state, pod, node);
      if (status === undefined || status.code === Code.success) continue;
      if (isRejected(status)) return signer.sign(status!);
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

  runReserve(state: CycleState, pod: Pod, nodeName: string): Status | undefined {
    for (const { plugin, signer } of this.reservePlugins) {
      const status = plugin.reserve(state, pod, nodeName);
      if (isRejected(status)) return signer.sign(status!);
      if (!isSuccess(status)) return stageError(`running Reserve plugin "${plugin.name}"`, plugin.name, status!);
    }
    return undefined;
  }

  /** All plugins in reverse order, also those that never reserved. */
  runUnreserve(state: CycleState, pod: Pod, nodeName: string): void {
    for (let at = this.reservePlugins.length - 1; at >= 0; at--) {
      this.reservePlugins[at]!.plugin.unreserve(state, pod, nodeName);
    }
  }

  /** A status of code Wait means that the pod is parked: continue with `waitOnPermit`. */
  runPermit(state: CycleState, pod: Pod, nodeName: string): Status | undefined {
    const timeouts = new Map<string, number>();
    for (const { plugin, signer } of this.permitPlugins) {
      const answer = plugin.permit(state, pod, nodeName);
      if (answer === undefined) continue;
      if (!(answer instanceof Status)) timeouts.set(plugin.name, Math.min(answer.timeoutUs, permitTimeoutUsMax));
      else if (isRejected(answer)) return signer.sign(answer);
      else if (answer.code === Code.wait) timeouts.set(plugin.name, permitTimeoutUsMax);
      else if (!isSuccess(answer)) return stageError(`running Permit plugin "${plugin.name}"`, plugin.name, answer);
    }
    if (timeouts.size === 0) return undefined;
    this.services.waitingPods.park(pod, timeouts);
    return new Status(
      Code.wait,
      [`one or more plugins asked to wait and no plugin rejected pod "${pod.metadata.name}"`],
      '',
    );
  }

  /** Calls `done` when the pod is allowed (Success), rejected, or its time is over. */
  waitOnPermit(pod: Pod, done: Completion): void {
    this.services.waitingPods.wait(pod, (status) => {
      if (isSuccess(status) || isRejected(status)) done(status);
      else done(stageError('waiting on permit for pod', status!.plugin, status!));
    });
  }

  /** Skip when every PreBind plugin has nothing to do; else Success or Error. */
  runPreBindPreFlight(
    state: CycleState,
    pod: Pod,
    nodeName: string,
  ): { status: Status | undefined; active: readonly string[] } {
    const active: string[] = [];
    for (const { plugin } of this.preBindPlugins) {
      const status = plugin.preBindPreFlight(state, pod, nodeName);
      if (isSkip(status)) continue;
      if (!isSuccess(status)) {
        return { status: stageError(`running PreBindPreFlight "${plugin.name}"`, plugin.name, status!), active };
      }
      active.push(plugin.name);
    }
    return { status: undefined, active };
  }

  /** Runs the named plugins one after another. */
  runPreBind(state: CycleState, pod: Pod, nodeName: string, active: readonly string[], done: Completion): void {
    const entries = this.preBindPlugins.filter(({ plugin }) => active.includes(plugin.name));
    const [first] = entries;
    if (first === undefined) return done(undefined);
    let current = first;
    let isCancelled = false;
    const end = this.services.waitingPods.startPreBind(pod, done, (message) => {
      isCancelled = true;
      return bindingStatus('PreBind', current.plugin.name, current.signer, errorStatus(message));
    });
    const next = (at: number): void => {
      const entry = entries[at];
      if (entry === undefined || isCancelled) return end(undefined);
      current = entry;
      entry.plugin.preBind(state, pod, nodeName, (status) => {
        if (isSuccess(status)) next(at + 1);
        else end(bindingStatus('PreBind', entry.plugin.name, entry.signer, status!));
      });
    };
    next(0);
  }

  /** Runs bind plugins until one does not skip. */
  runBind(state: CycleState, pod: Pod, nodeName: string, done: Completion): void {
    const next = (at: number): void => {
      const entry = this.bindPlugins[at];
      if (entry === undefined) return done(new Status(Code.skip, [], ''));
      entry.plugin.bind(state, pod, nodeName, (status) => {
        if (isSkip(status)) next(at + 1);
        else if (isSuccess(status)) done(undefined);
        else done(bindingStatus('Bind', entry.plugin.name, entry.signer, status!));
      });
    };
    next(0);
  }

  runPostBind(state: CycleState, pod: Pod, nodeName: string): void {
    for (const { plugin } of this.postBindPlugins) plugin.postBind(state, pod, nodeName);
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
  forgetAnswers(): void {
    this.memories.clear();
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
