/** `actions`: what users do later on. */
import type { Kind } from '../../api/kinds.ts';
import { clusterScopedKinds } from '../../api/kinds.ts';
import { SECOND } from '../../engine/time.ts';
import type { TimedUserAction, UserActionSpec, WorkloadKind, WorkloadReference } from '../../workload/user-action.ts';
import { assert } from '../../util/assert.ts';
import type { FieldPath } from '../field-path.ts';
import * as messages from '../messages.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import { microseconds, optionalMicroseconds } from './distribution.ts';
import type { WorkloadTools } from './workload.ts';
import { warnBeyond } from './workload.ts';

type Input = NonNullable<ScenarioInput['spec']['actions']>[number];

/** Kinds whose objects get their names from controllers while time goes on. */
const namedLater: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'EndpointSlice']);

/** The actions in the order of the file. What they apply is read first, so that an action may name what another applies. */
export function resolveActions(spec: ScenarioInput['spec'], tools: WorkloadTools): readonly TimedUserAction[] {
  const inputs = spec.actions ?? [];
  const applied = inputs.map((input, index) => appliedBy(input, index, tools));
  return inputs.map((input, index): TimedUserAction => {
    const path: FieldPath = ['spec', 'actions', index];
    const at = microseconds(input.at);
    warnBeyond(at, [...path, 'at'], tools);
    return { at, action: applied[index] ?? new ActionReader(tools, path).read(input) };
  });
}

function appliedBy(input: Input, index: number, tools: WorkloadTools): UserActionSpec | undefined {
  if (input.apply === undefined) return undefined;
  const read = tools.manifests.read(tools.context.mentions(input.apply, ['spec', 'actions', index, 'apply']));
  return { verb: 'apply', objects: tools.intake.applied(read, `action ${index}`, microseconds(input.at)) };
}

/** Reads one action and checks what it names. */
class ActionReader {
  private readonly tools: WorkloadTools;
  private readonly path: FieldPath;

  constructor(tools: WorkloadTools, path: FieldPath) {
    this.tools = tools;
    this.path = path;
  }

  read(input: Input): UserActionSpec {
    const { scale, setImage, restart, delete: remove, cordon, uncordon, drain } = input;
    if (scale !== undefined) return { verb: 'scale', target: this.target(scale, 'scale'), replicas: scale.replicas };
    if (setImage !== undefined) return this.setImage(setImage);
    if (restart !== undefined) return { verb: 'restart', target: this.target(restart, 'restart') };
    const rollout = this.rollout(input);
    if (rollout !== undefined) return rollout;
    if (remove !== undefined) return this.remove(remove);
    if (cordon !== undefined) return { verb: 'cordon', nodeName: this.node(cordon.node, 'cordon') };
    if (uncordon !== undefined) return { verb: 'uncordon', nodeName: this.node(uncordon.node, 'uncordon') };
    assert(drain !== undefined, 'an action without a verb passed the schema');
    return {
      verb: 'drain',
      nodeName: this.node(drain.node, 'drain'),
      gracePeriodSeconds: this.gracePeriod(drain.gracePeriod, 'drain'),
      timeout: optionalMicroseconds(drain.timeout),
    };
  }

  private rollout({ pause, resume, undo }: Input): UserActionSpec | undefined {
    if (pause !== undefined) return { verb: 'pause', target: this.target(pause, 'pause') };
    if (resume !== undefined) return { verb: 'resume', target: this.target(resume, 'resume') };
    if (undo === undefined) return undefined;
    return { verb: 'undo', target: this.target(undo, 'undo'), toRevision: undo.toRevision ?? 0 };
  }

  private setImage(input: NonNullable<Input['setImage']>): UserActionSpec {
    const target = this.target(input, 'setImage');
    const { container, image } = input;
    const entry = this.tools.catalogue.object(target.kind, target.namespace, target.name);
    if (container !== undefined && entry !== undefined && 'spec' in entry.object && 'template' in entry.object.spec) {
      const names = entry.object.spec.template.spec.containers.map(({ name }) => name);
      const finding = messages.noSuch('container', container, names);
      if (!names.includes(container)) this.tools.context.report(finding, [...this.path, 'setImage', 'container']);
    }
    return { verb: 'setImage', target, container, image };
  }

  private remove(input: NonNullable<Input['delete']>): UserActionSpec {
    const kind = input.kind as Kind;
    const namespace = clusterScopedKinds.has(kind) ? '' : (input.namespace ?? 'default');
    if (kind === 'Node') this.node(input.name, 'delete', 'name');
    else if (!namedLater.has(kind) && !this.isGenerated(kind, input.name)) {
      this.object(kind, namespace, input.name, 'delete');
    }
    const gracePeriodSeconds = this.gracePeriod(input.gracePeriod, 'delete');
    return { verb: 'delete', kind, namespace, name: input.name, gracePeriodSeconds };
  }

  private isGenerated(kind: Kind, name: string): boolean {
    return this.tools.catalogue.pods.some((pod) => pod.ownerKind === kind && name.startsWith(`${pod.name}-`));
  }

  private target(
    input: { kind?: WorkloadKind | undefined; namespace?: string | undefined; name: string },
    verb: string,
  ): WorkloadReference {
    const target = { kind: input.kind ?? 'Deployment', namespace: input.namespace ?? 'default', name: input.name };
    if (!this.isGenerated(target.kind, target.name)) this.object(target.kind, target.namespace, target.name, verb);
    return target;
  }

  private object(kind: Kind, namespace: string, name: string, verb: string): void {
    const { catalogue, context } = this.tools;
    if (catalogue.object(kind, namespace, name) !== undefined) return;
    const where = namespace === '' ? kind : `${kind} in the namespace ${messages.quoted(namespace)} called`;
    context.report(messages.noSuch(where, name, catalogue.namesOf(kind, namespace)), [...this.path, verb, 'name']);
  }

  private node(name: string, verb: string, field = 'node'): string {
    const { nodes } = this.tools.catalogue;
    if (!nodes.has(name))
      this.tools.context.report(messages.noSuch('node', name, [...nodes.keys()]), [...this.path, verb, field]);
    return name;
  }

  /** Whole seconds, as the API has them; -1 = the pod's own. */
  private gracePeriod(text: string | undefined, verb: string): number {
    if (text === undefined) return -1;
    const us = microseconds(text);
    if (us % SECOND !== 0) {
      const finding = messages.outOfRange(text, 'a whole number of seconds');
      this.tools.context.report(finding, [...this.path, verb, 'gracePeriod']);
    }
    return Math.ceil(us / SECOND);
  }
}
