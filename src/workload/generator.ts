/** Runs a generator: one pending arrival at a time, and one create request for each. */
import type { Pod } from '../api/core-v1.ts';
import type { Labels } from '../api/meta-v1.ts';
import { metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import { newPodStatus } from '../api/pod-status.ts';
import { newPod } from '../apiserver/pod-object.ts';
import type { ApiRequest } from '../apiserver/requests.ts';
import { createRequest } from '../apiserver/requests.ts';
import type { RandomStream } from '../engine/random.ts';
import { arrivalsOf } from './arrivals.ts';
import type { ArrivalSource } from './arrivals.ts';
import type { GeneratorSpec, GeneratorTemplate } from './generator-spec.ts';

/** Carried by every generated pod, also by those of generated Jobs; its value is the generator's name. */
export const generatorLabel = 'orrery.dev/generator';

/** One generator of a run: when its objects arrive, and the objects. */
export class WorkloadGenerator {
  private readonly name: string;
  private readonly limit: number;
  private readonly source: ArrivalSource;
  private readonly template: GeneratorTemplate;
  private made = 0;

  constructor(spec: GeneratorSpec, random: RandomStream) {
    this.name = spec.name;
    this.limit = spec.limit ?? Infinity;
    this.source = arrivalsOf(spec, random);
    this.template = labelled(spec);
  }

  /** Time of the next arrival, microseconds, never before the one last given; undefined when there are no more. */
  nextArrival(): number | undefined {
    return this.made >= this.limit ? undefined : this.source.next();
  }

  /** The request that creates the next object. */
  nextRequest(): ApiRequest {
    const name = `${this.name}-${this.made++}`;
    const { kind, object } = this.template;
    const { namespace, labels, annotations, finalizers } = object.metadata;
    const metadata = newObjectMeta({ name, namespace, labels, annotations, finalizers });
    const request =
      kind === 'Pod'
        ? createRequest(kind, newPod(metadata, object.spec, newPodStatus))
        : createRequest(kind, { ...object, metadata });
    return request as unknown as ApiRequest;
  }
}

/** The template with the generator's label on its pods. Every copy shares its labels, annotations and spec. */
function labelled({ name, template }: GeneratorSpec): GeneratorTemplate {
  const add = (labels: Labels): Labels => ({ ...labels, [generatorLabel]: name });
  if (template.kind === 'Pod') {
    const { metadata, spec, status } = template.object;
    const object: Pod = newPod(metadataWith(metadata, { labels: add(metadata.labels) }), spec, status);
    return { kind: 'Pod', object };
  }
  const { metadata, spec } = template.object;
  const pods = { ...spec.template, labels: add(spec.template.labels) };
  const object = {
    ...template.object,
    metadata: metadataWith(metadata, { labels: add(metadata.labels) }),
    spec: { ...spec, template: pods },
  };
  return { kind: 'Job', object };
}
