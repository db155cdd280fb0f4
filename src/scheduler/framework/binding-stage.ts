/** What happens to a pod once a node is chosen for it: Reserve, Permit, PreBind, Bind, PostBind. */
import type { Pod } from '../../api/core-v1.ts';
import type { CycleState } from './cycle-state.ts';
import { permitTimeoutUsMax } from './interface.ts';
import type { Completion } from './interface.ts';
import type { PluginSet, Signed, With } from './plugin-set.ts';
import { bindingStatus, stageError } from './stage-errors.ts';
import { Code, Status, errorStatus, isRejected, isSkip, isSuccess } from './status.ts';
import type { WaitingPods } from './waiting-pods.ts';

/** Runs the plugins of these extension points. */
export class BindingStage {
  private readonly waitingPods: WaitingPods;
  private readonly reservePlugins: readonly Signed<With<'reserve' | 'unreserve'>>[];
  private readonly permitPlugins: readonly Signed<With<'permit'>>[];
  private readonly preBindPlugins: readonly Signed<With<'preBind' | 'preBindPreFlight'>>[];
  private readonly bindPlugins: readonly Signed<With<'bind'>>[];
  private readonly postBindPlugins: readonly Signed<With<'postBind'>>[];

  constructor(plugins: PluginSet, waitingPods: WaitingPods) {
    this.waitingPods = waitingPods;
    this.reservePlugins = plugins.at('reserve');
    this.permitPlugins = plugins.at('permit');
    this.preBindPlugins = plugins.at('preBind');
    this.bindPlugins = plugins.at('bind');
    this.postBindPlugins = plugins.at('postBind');
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
    this.waitingPods.park(pod, timeouts);
    return new Status(
      Code.wait,
      [`one or more plugins asked to wait and no plugin rejected pod "${pod.metadata.name}"`],
      '',
    );
  }

  /** Calls `done` when the pod is allowed (Success), rejected, or its time is over. */
  waitOnPermit(pod: Pod, done: Completion): void {
    this.waitingPods.wait(pod, (status) => {
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
    const end = this.waitingPods.startPreBind(pod, done, (message) => {
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
}
