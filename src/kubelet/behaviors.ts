/** Which behaviour a pod has: the first matching one that states a field wins, field by field. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import { compileSelector } from '../api/labels.ts';
import type { Pod } from '../api/core-v1.ts';
import type { ApiObject, Labels, OwnerReference } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import type { Behavior, PodUsage } from './behavior.ts';
import { typical } from './defaults.ts';
import { EntityDuration } from './draw.ts';
import { matchesGlob } from './glob.ts';
import type { PodScript } from './scripts.ts';
import { optional, podScript } from './scripts.ts';

/** Everything the kubelet needs to know of the processes of a pod; shared by all pods that match the same behaviours. */
export interface ResolvedBehavior {
  /** undefined = for ever. */
  readonly runDuration: EntityDuration | undefined;
  readonly exitCode: number;
  /** undefined = at once. */
  readonly readyAfter: EntityDuration | undefined;
  readonly startDuration: EntityDuration;
  readonly crashInterval: EntityDuration | undefined;
  readonly crashExitCode: number;
  readonly stopAfter: EntityDuration;
  /** Infinity = never. */
  readonly failAfterRestarts: number;
  /** undefined where nobody says what the pod uses. */
  readonly usage: PodUsage | undefined;
  /** undefined where nothing is scripted. */
  readonly script: PodScript | undefined;
}

interface Rule {
  readonly behavior: Behavior;
  readonly matchesLabels: (labels: Labels) => boolean;
}

/** The behaviours of a scenario, looked up by pod. */
export class Behaviors {
  private readonly server: ApiServer;
  private readonly rules: readonly Rule[];
  private readonly resolved = new Map<string, ResolvedBehavior>();

  constructor(server: ApiServer, behaviors: readonly Behavior[]) {
    this.server = server;
    this.rules = behaviors.map((behavior) => ({ behavior, matchesLabels: compileSelector(behavior.selector) }));
  }

  of(pod: Pod): ResolvedBehavior {
    let key = '';
    for (let at = 0; at < this.rules.length; at++) if (this.matches(this.rules[at]!, pod)) key += `${at},`;
    const known = this.resolved.get(key);
    if (known !== undefined) return known;
    const made = resolve(this.rules.filter((rule) => this.matches(rule, pod)).map(({ behavior }) => behavior));
    this.resolved.set(key, made);
    return made;
  }

  private matches({ behavior, matchesLabels }: Rule, pod: Pod): boolean {
    const { metadata } = pod;
    if (behavior.namespace !== undefined && behavior.namespace !== metadata.namespace) return false;
    if (!matchesLabels(metadata.labels)) return false;
    if (behavior.kind !== undefined && behavior.kind !== (controllerOf(pod)?.kind ?? 'Pod')) return false;
    return behavior.name === undefined || this.matchesName(behavior.name, pod);
  }

  /** Names of the pod, of its controller, and of that one's controller (a Deployment owns the pod's ReplicaSet). */
  private matchesName(pattern: string, pod: Pod): boolean {
    let owner: OwnerReference | undefined;
    for (let object: ApiObject | undefined = pod; object !== undefined; object = this.objectOf(owner, pod)) {
      if (matchesGlob(pattern, object.metadata.name)) return true;
      owner = controllerOf(object);
      if (owner === undefined) return false;
      if (matchesGlob(pattern, owner.name)) return true;
    }
    return false;
  }

  private objectOf(owner: OwnerReference | undefined, pod: Pod): ApiObject | undefined {
    if (owner?.kind !== 'ReplicaSet') return undefined;
    return this.server.state.get('ReplicaSet', pod.metadata.namespace, owner.name);
  }
}

function resolve(behaviors: readonly Behavior[]): ResolvedBehavior {
  const first = <K extends keyof Behavior>(field: K): Behavior[K] | undefined =>
    behaviors.find((behavior) => behavior[field] !== undefined)?.[field];
  const crash = first('crash');
  return {
    runDuration: optional('kubelet/run-duration', first('runDuration')),
    exitCode: first('exitCode') ?? 0,
    readyAfter: optional('kubelet/ready-after', first('readyAfter')),
    startDuration: new EntityDuration('kubelet/start-duration', first('startDuration') ?? typical.startDuration),
    crashInterval: optional('kubelet/crash-interval', crash?.interval),
    crashExitCode: crash?.exitCode ?? 1,
    stopAfter: new EntityDuration('kubelet/stop-after', first('stopAfter') ?? typical.stopAfter),
    failAfterRestarts: first('failAfterRestarts') ?? Infinity,
    usage: usageOf(behaviors),
    script: podScript(
      behaviors.flatMap(({ containers }) => containers ?? []),
      first('sandbox'),
      behaviors.flatMap(({ missingObjects }) => missingObjects ?? []),
    ),
  };
}

/** Each resource, container and metric by the first behaviour that states it. */
function usageOf(behaviors: readonly Behavior[]): PodUsage | undefined {
  const stated = behaviors.flatMap(({ usage }) => usage ?? []);
  if (stated.length === 0) return undefined;
  const inReverse = stated.toReversed();
  return {
    cpu: stated.find(({ cpu }) => cpu !== undefined)?.cpu,
    memory: stated.find(({ memory }) => memory !== undefined)?.memory,
    containers: new Map(inReverse.flatMap(({ containers }) => [...containers])),
    metrics: new Map(inReverse.flatMap(({ metrics }) => [...metrics])),
  };
}
