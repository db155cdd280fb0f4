/** Completes and checks pod-level resources once admission has had its say (upstream pkg/registry/core/pod/strategy.go). */
import type { Pod, PodSpec } from '../api/core-v1.ts';
import { FieldPosition } from '../api/decode/field-position.ts';
import { checkPodLevelResources } from '../api/decode/pod-level-resources.ts';
import type { FieldProblem } from '../api/decode/problems.ts';
import { withPodLevelDefaults } from '../api/pod-level-resources.ts';
import { aggregate } from './outcome.ts';
import { podWith } from './pod-object.ts';
import type { ApiResponse } from './requests.ts';

interface Completed {
  readonly spec: PodSpec;
  readonly problem: string | undefined;
}

/** Pods of one template keep sharing one spec. */
export class PodLevelDefaults {
  private readonly known = new WeakMap<PodSpec, Completed>();

  /** The pod with its defaults, or why it is refused. */
  complete(pod: Pod): Pod | ApiResponse {
    if (pod.spec.resources === undefined) return pod;
    const { spec, problem } = this.of(pod.spec);
    if (problem === undefined) return podWith(pod, { spec });
    return { code: 'Invalid', object: undefined, message: `Pod "${pod.metadata.name}" is invalid: ${problem}` };
  }

  /** The pod with its defaults, whatever is wrong with them: it is there already. */
  installed(pod: Pod): Pod {
    return pod.spec.resources === undefined ? pod : podWith(pod, { spec: this.of(pod.spec).spec });
  }

  private of(stated: PodSpec): Completed {
    let completed = this.known.get(stated);
    if (completed === undefined) {
      const spec = withPodLevelDefaults(stated);
      completed = { spec, problem: problemOf(spec) };
      this.known.set(stated, completed);
    }
    return completed;
  }
}

function problemOf(spec: PodSpec): string | undefined {
  const problems: FieldProblem[] = [];
  checkPodLevelResources(new FieldPosition(['spec', 'resources'], 'spec.resources', problems, []), spec);
  return problems.length === 0 ? undefined : aggregate(problems.map(({ message }) => message));
}
