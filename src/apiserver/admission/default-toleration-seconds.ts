import type { Pod, PodSpec, Toleration } from '../../api/core-v1.ts';
import { bindSpec, podWith, sharedSpec } from '../pod-object.ts';
import type { AdmissionPlugin } from './admission.ts';

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';

/** Upstream flags --default-not-ready-toleration-seconds and --default-unreachable-toleration-seconds. */
const defaultTolerationSeconds = 300;

/**
 * Upstream: plugin/pkg/admission/defaulttolerationseconds. Every pod tolerates a node that is not ready or unreachable
 * for 300 s, unless it says something about that taint itself.
 */
export function createDefaultTolerationSeconds(): AdmissionPlugin {
  /** Pods of one template keep sharing one spec. */
  const completed = new WeakMap<PodSpec, PodSpec>();
  return {
    name: 'DefaultTolerationSeconds',
    mutate(kind, object) {
      if (kind !== 'Pod') return object;
      const pod = object as Pod;
      const { tolerations } = pod.spec;
      if (mentions(tolerations, notReady) && mentions(tolerations, unreachable)) return object;
      const shared = sharedSpec(pod.spec);
      let spec = completed.get(shared);
      if (spec === undefined) completed.set(shared, (spec = { ...shared, tolerations: withDefaults(tolerations) }));
      const isBound = shared !== pod.spec;
      return podWith(pod, { spec: isBound ? bindSpec(spec, pod.spec.nodeName) : spec }) as typeof object;
    },
  };
}

function withDefaults(tolerations: readonly Toleration[]): readonly Toleration[] {
  const missing = [notReady, unreachable].filter((key) => !mentions(tolerations, key));
  const added = missing.map((key): Toleration => ({
    key,
    operator: 'Exists',
    value: '',
    effect: 'NoExecute',
    tolerationSeconds: defaultTolerationSeconds,
  }));
  return [...tolerations, ...added];
}

/** The operator is not looked at, as upstream. */
function mentions(tolerations: readonly Toleration[], key: string): boolean {
  return tolerations.some((t) => (t.key === key || t.key === '') && (t.effect === 'NoExecute' || t.effect === ''));
}
