import type { Pod, PodSpec, Toleration } from '../../api/core-v1.ts';
import { podWith } from '../pod-object.ts';
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
      const missing = [notReady, unreachable].filter((key) => !mentions(pod.spec.tolerations, key));
      if (missing.length === 0) return object;
      let spec = completed.get(pod.spec);
      if (spec === undefined) {
        const added = missing.map((key): Toleration => ({
          key,
          operator: 'Exists',
          value: '',
          effect: 'NoExecute',
          tolerationSeconds: defaultTolerationSeconds,
        }));
        spec = { ...pod.spec, tolerations: [...pod.spec.tolerations, ...added] };
        completed.set(pod.spec, spec);
      }
      return podWith(pod, { spec }) as typeof object;
    },
  };
}

/** The operator is not looked at, as upstream. */
function mentions(tolerations: readonly Toleration[], key: string): boolean {
  return tolerations.some((t) => (t.key === key || t.key === '') && (t.effect === 'NoExecute' || t.effect === ''));
}
