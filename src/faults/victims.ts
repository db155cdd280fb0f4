/** Which pods a fault hits at the moment at which it strikes. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Pod } from '../api/core-v1.ts';
import { compileSelector } from '../api/labels.ts';
import type { RandomStream } from '../engine/random.ts';
import type { ModeChoice, PodSelector } from './fault.ts';
import { modeCount } from './target-mode.ts';

/** The running pods that are meant, in the order of their names. */
export function runningPods(server: ApiServer, selector: PodSelector): readonly Pod[] {
  const { namespaces, nodes, pods } = selector;
  const matches = compileSelector(selector.labels);
  const found: Pod[] = [];
  for (const pod of server.state.list('Pod')) {
    const { namespace, name, labels } = pod.metadata;
    const isMeant =
      pod.status.phase === 'Running' &&
      (namespaces.length === 0 || namespaces.includes(namespace)) &&
      (nodes.length === 0 || nodes.includes(pod.spec.nodeName)) &&
      (pods === undefined || pods.get(namespace)?.includes(name) === true) &&
      matches(labels);
    if (isMeant) found.push(pod);
  }
  return found.sort(byName);
}

/** Hits as many pods as the mode says, drawn without replacement; goes on to another one where `hit` cannot. */
export function hitSome(
  candidates: readonly Pod[],
  mode: ModeChoice,
  random: RandomStream,
  hit: (pod: Pod) => boolean,
): number {
  const left = [...candidates];
  const wanted = modeCount(mode, left.length, () => random);
  let count = 0;
  while (count < wanted && left.length > 0) {
    const [victim] = left.splice(random.below(left.length), 1);
    if (hit(victim!)) count++;
  }
  return count;
}

function byName(a: Pod, b: Pod): number {
  const left = `${a.metadata.namespace}/${a.metadata.name}`;
  const right = `${b.metadata.namespace}/${b.metadata.name}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
