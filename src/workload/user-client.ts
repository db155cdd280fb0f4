/**
 * The user of a scenario, as `kubectl` would act for him: one action after the other, each not before its time. Only a drain goes
 * on by itself once its node is cordoned. Every action is told with its outcome.
 */
import type { Kind } from '../api/kinds.ts';
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Client } from '../apiserver/client.ts';
import { deleteRequest, getRequest, patchRequest } from '../apiserver/requests.ts';
import { resourceName } from '../apiserver/verbs.ts';
import { formatClock } from '../engine/time.ts';
import { applyObject, inApplyOrder } from './apply.ts';
import type { DrainOptions } from './drain.ts';
import { evictPod, podsToEvict } from './drain.ts';
import type { ManifestObject } from './manifest-object.ts';
import { describeObject, objectKey } from './manifest-object.ts';
import { ScriptRunner, ask } from './script.ts';
import type { Script } from './script.ts';
import type { TimedUserAction, UserActionSpec, WorkloadReference } from './user-action.ts';
import { undo } from './rollout.ts';
import { cordonPatch, imagePatch, patchFor, pausePatch, restartPatch, scalePatch } from './user-patches.ts';

type Action<V extends UserActionSpec['verb']> = Extract<UserActionSpec, { readonly verb: V }>;

type Change = Extract<UserActionSpec, { readonly target: WorkloadReference }>;

/** Carries out the timed actions of a scenario. */
export class UserClient {
  private readonly server: ApiServer;
  private readonly actions: readonly TimedUserAction[];
  private readonly runner: ScriptRunner;
  /** What was applied last, by object: tells what a manifest no longer says. */
  private readonly applied = new Map<string, ManifestObject>();

  constructor(server: ApiServer, client: Client, actions: readonly TimedUserAction[]) {
    this.server = server;
    this.actions = [...actions].sort((a, b) => a.at - b.at);
    this.runner = new ScriptRunner(server.engine, client);
  }

  /** Waits for the first action; called once. */
  start(): void {
    if (this.actions.length > 0) this.runner.start(this.work());
  }

  private get now(): number {
    return this.server.engine.now;
  }

  private *work(): Script {
    // Also an action at time 0 is an event, so that everything is in place when the first request is sent.
    yield 0;
    for (const { at, action } of this.actions) {
      if (at > this.now) yield at - this.now;
      yield* this.act(action);
    }
  }

  private *act(action: UserActionSpec): Script {
    const { verb } = action;
    switch (verb) {
      case 'apply':
        for (const object of inApplyOrder(action.objects)) {
          yield* this.told(verb, describeObject(object), this.apply(object));
        }
        return;
      case 'scale':
      case 'setImage':
      case 'restart':
      case 'pause':
      case 'resume':
      case 'undo':
        return yield* this.told(verb, nameOf(action.target), this.change(action));
      case 'delete':
        return yield* this.told(verb, nameOf(action), this.remove(action));
      case 'cordon':
      case 'uncordon':
        return yield* this.told(verb, `Node ${action.nodeName}`, cordon(action.nodeName, verb === 'cordon'));
      case 'drain':
        return yield* this.drain(action);
    }
  }

  private *told(verb: string, target: string, script: Script<string>): Script {
    const startedAt = this.now;
    const message = yield* script;
    this.server.recorder.userAction({ verb, target, startedAt, message });
  }

  private *apply(object: ManifestObject): Script<string> {
    const key = objectKey(object);
    const message = yield* applyObject(object, this.applied.get(key));
    if (message === '') this.applied.set(key, object);
    return message;
  }

  private change(action: Change): Script<string> {
    switch (action.verb) {
      case 'scale':
        return patch(action.target, scalePatch, action.replicas);
      case 'setImage':
        return setImage(action);
      case 'restart':
        return restart(action.target, formatClock(this.now));
      case 'pause':
      case 'resume':
        return pause(action.target, action.verb);
      case 'undo':
        return undo(this.server.state, action.target, action.toRevision);
    }
  }

  private *remove({ kind, namespace, name, gracePeriodSeconds }: Action<'delete'>): Script<string> {
    const response = yield* ask(deleteRequest(kind as Kind, namespace, name, { gracePeriodSeconds }));
    return response.message;
  }

  private *drain({ nodeName, gracePeriodSeconds, timeout }: Action<'drain'>): Script {
    const startedAt = this.now;
    const target = `Node ${nodeName}`;
    const tell = (message: string): void =>
      this.server.recorder.userAction({ verb: 'drain', target, startedAt, message });
    const problem = yield* cordon(nodeName, true);
    const pods = problem === '' ? podsToEvict(this.server.state, nodeName) : [];
    if (pods.length === 0) return tell(problem);
    const options: DrainOptions = { gracePeriodSeconds, timeout, startedAt, now: () => this.now };
    const problems: string[] = [];
    let missing = pods.length;
    const one = function* (pod: (typeof pods)[number]): Script {
      const failure = yield* evictPod(pod, options);
      if (failure !== '' && !problems.includes(failure)) problems.push(failure);
      if (--missing === 0) tell(problems.join('; '));
    };
    for (const pod of pods) this.runner.start(one(pod));
  }
}

function* patch(
  { kind, namespace, name }: WorkloadReference,
  change: (current: never, argument: unknown) => unknown,
  argument: unknown,
): Script<string> {
  const response = yield* ask(patchRequest(kind, namespace, name, patchFor<typeof kind>(change), argument));
  return response.message;
}

function* cordon(nodeName: string, unschedulable: boolean): Script<string> {
  const response = yield* ask(patchRequest('Node', '', nodeName, cordonPatch, unschedulable));
  return response.message;
}

/** As `kubectl set image`: reads first, since a name that no container has is a mistake. */
function* setImage({ target, container, image }: Action<'setImage'>): Script<string> {
  const read = yield* ask(getRequest(target.kind, target.namespace, target.name));
  if (read.object === undefined) return read.message;
  const { containers } = read.object.spec.template.spec;
  if (container !== undefined && !containers.some(({ name }) => name === container)) {
    return `unable to find container named "${container}"`;
  }
  return yield* patch(target, imagePatch, { container, image });
}

/** As `kubectl rollout restart`, which knows Deployments, StatefulSets and DaemonSets, and refuses paused ones. */
function* restart(target: WorkloadReference, value: string): Script<string> {
  const { kind, namespace, name } = target;
  const resource = `${resourceName(kind)} "${name}"`;
  if (kind === 'Job' || kind === 'ReplicaSet' || kind === 'ReplicationController')
    return `${resource} restarting is not supported`;
  const read = yield* ask(getRequest(kind, namespace, name));
  if (read.object === undefined) return read.message;
  if (read.object.kind === 'Deployment' && read.object.spec.paused)
    return `${resource} can't restart paused deployment (run rollout resume first)`;
  return yield* patch(target, restartPatch, value);
}

/** As `kubectl rollout pause` and `resume`, which know Deployments only. */
function* pause(target: WorkloadReference, verb: 'pause' | 'resume'): Script<string> {
  const resource = `${resourceName(target.kind)} "${target.name}"`;
  if (target.kind !== 'Deployment') return `${resource} ${verb === 'pause' ? 'pausing' : 'resuming'} is not supported`;
  const read = yield* ask(getRequest('Deployment', target.namespace, target.name));
  if (read.object === undefined) return read.message;
  const isPaused = verb === 'pause';
  if (read.object.spec.paused === isPaused) return `${resource} is ${isPaused ? 'already' : 'not'} paused`;
  return yield* patch(target, pausePatch, isPaused);
}

function nameOf({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
