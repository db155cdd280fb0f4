/** API objects of what a trace holds: nodes with their devices, pods that share the spec of their class. */
import { decodePod } from '../../api/decode/pod.ts';
import { FieldPosition } from '../../api/decode/field-position.ts';
import { FieldReader } from '../../api/decode/field-reader.ts';
import type { Node, Pod, RestartPolicy } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { metadataWith, newObjectMeta, noLabels } from '../../api/meta-v1.ts';
import { newPodStatus } from '../../api/pod-status.ts';
import { formatResource } from '../../api/quantity.ts';
import { newPod } from '../../apiserver/pod-object.ts';
import { gpuCardModel, gpuCount, gpuMilli } from '../../scheduler/devices/shared-gpus.ts';
import type { TraceNode, TracePod } from './trace.ts';

/** A node under a name of the run. */
export function nodeObject({ allocatable, devices, labels }: TraceNode, name: string): Node {
  const resources = new Map(allocatable);
  if (devices !== undefined) resources.set(gpuCount, devices.count);
  const model = devices === undefined || devices.model === '' ? noLabels : { [gpuCardModel]: devices.model };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: newObjectMeta({ name, labels: { 'kubernetes.io/hostname': name, ...labels, ...model } }),
    spec: { unschedulable: false, taints: [], podCIDR: '', providerID: '' },
    status: { capacity: resources, allocatable: resources, conditions: [], images: [], declaredFeatures: [] },
  };
}

/** The pods of a row, one by one: `name-0`, `name-1`, ... where it counts several. */
export function copiesOf(pod: TracePod): readonly TracePod[] {
  const { name, count } = pod;
  return count === 1
    ? [pod]
    : Array.from({ length: count }, (_, copy) => ({ ...pod, name: `${name}-${copy}`, count: 1 }));
}

/** Makes pods; those of one class share spec and annotations. */
export class TracePods {
  private readonly templates = new Map<string, Pod>();
  /** What was made of a list of requests and a demand, by identity: traces share them among their pods. */
  private readonly known = new Map<TracePod['requests'], Map<TracePod['devices'], Pod>>();
  private lastUid = 0;
  private readonly restartPolicy: RestartPolicy;

  /** @param restartPolicy of all pods. */
  constructor(restartPolicy: RestartPolicy = 'Always') {
    this.restartPolicy = restartPolicy;
  }

  /** A pod that waits for a node. */
  object(pod: TracePod, name: string): Pod {
    const { requests, devices, labels } = pod;
    let known = this.known.get(requests);
    if (known === undefined) this.known.set(requests, (known = new Map()));
    let template = known.get(devices);
    if (template === undefined) known.set(devices, (template = this.templateOf(pod)));
    const metadata = metadataWith(template.metadata, { name, uid: ++this.lastUid, labels });
    return newPod(metadata, template.spec, newPodStatus);
  }

  private templateOf(pod: TracePod): Pod {
    const requests = [...pod.requests].map(([name, amount]) => [name, formatResource(name, amount)] as const);
    const annotations = annotationsOf(pod);
    const key = JSON.stringify([requests, annotations]);
    let template = this.templates.get(key);
    if (template === undefined) this.templates.set(key, (template = this.decoded(requests, annotations)));
    return template;
  }

  private decoded(requests: readonly (readonly [string, string])[], annotations: Labels): Pod {
    // What is not Kubernetes' own has to be limited to what is asked for.
    const limits = requests.filter(([name]) => name.includes('/'));
    const resources = { requests: Object.fromEntries(requests), limits: Object.fromEntries(limits) };
    const raw = {
      metadata: { name: 'template', namespace: 'default', annotations },
      spec: { restartPolicy: this.restartPolicy, containers: [{ name: 'main', image: 'trace', resources }] },
    };
    return decodePod(new FieldReader(raw, new FieldPosition([], '', [], [])));
  }
}

function annotationsOf({ devices }: TracePod): Labels {
  if (devices === undefined) return noLabels;
  return {
    [gpuCount]: String(devices.count),
    [gpuMilli]: String(devices.milli),
    ...(devices.models.length > 0 && { [gpuCardModel]: devices.models.join('|') }),
  };
}
