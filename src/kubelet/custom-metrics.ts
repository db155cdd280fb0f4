/** The custom and the external metrics API: what a scenario states of objects and of the world outside. */
import { compileSelector } from '../api/labels.ts';
import type { Pod } from '../api/core-v1.ts';
import type { LabelSelector } from '../api/meta-v1.ts';
import type { MetricSeries } from './behavior.ts';
import type { ResourceMetrics, UsageSample } from './resource-metrics.ts';
import { meanUsage } from './usage-curve.ts';

/** Series by name; those of pods are measured as their resources are. Values in thousandths, times in microseconds. */
export class CustomMetrics {
  private readonly series: readonly MetricSeries[];
  private readonly pods: ResourceMetrics;

  constructor(series: readonly MetricSeries[], pods: ResourceMetrics) {
    this.series = series;
    this.pods = pods;
  }

  servesPods(name: string): boolean {
    return this.pods.servesPods(name);
  }

  ofPod(pod: Pod, name: string, now: number): UsageSample | undefined {
    return this.pods.ofPod(pod, name, now);
  }

  /** What an object is said to have at `now`; undefined = nobody says. */
  ofObject(
    namespace: string,
    described: { readonly kind: string; readonly name: string },
    name: string,
    selector: LabelSelector | undefined,
    now: number,
  ): number | undefined {
    const found = this.found(namespace, name, selector).find(
      ({ object }) => object?.kind === described.kind && object.name === described.name,
    );
    return found && valueAt(found, now);
  }

  /** The values of all external series that fit. */
  external(namespace: string, name: string, selector: LabelSelector | undefined, now: number): readonly number[] {
    const external = this.found(namespace, name, selector).filter(({ object }) => object === undefined);
    return external.map((each) => valueAt(each, now));
  }

  private found(namespace: string, name: string, selector: LabelSelector | undefined): readonly MetricSeries[] {
    const matches = selector === undefined ? () => true : compileSelector(selector);
    return this.series.filter(
      (each) =>
        each.name === name && (each.namespace === undefined || each.namespace === namespace) && matches(each.labels),
    );
  }
}

/** The value that holds at a time, to the thousandth. */
function valueAt({ curve }: MetricSeries, now: number): number {
  return Math.round(meanUsage(curve, 0, now, now + 1));
}
