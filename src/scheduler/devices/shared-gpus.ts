/** GPUs that pods share, under the names of the open gpushare extension (`alibabacloud.com/...`). */
import type { Node, Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { BadDemand, DeviceDemand, DeviceKind, DeviceStock } from './device-kind.ts';
import { wholeDevice } from './device-kind.ts';

/** Annotation of a pod: thousandths of each GPU; and the resource that stands for the thousandths of a node together. */
export const gpuMilli = 'alibabacloud.com/gpu-milli';

/** Annotation of a pod and allocatable resource of a node: GPUs. */
export const gpuCount = 'alibabacloud.com/gpu-count';

/** Label of a node: its model. Annotation of a pod: the models it may get, `V100M16|V100M32`. */
export const gpuCardModel = 'alibabacloud.com/gpu-card-model';

/** Annotation of a pod: the GPUs it has, `0-1`. */
export const gpuIndex = 'alibabacloud.com/gpu-index';

/** A pod without gpu-milli wants whole GPUs, one without gpu-count wants one of which it names the thousandths. */
export const sharedGpus: DeviceKind = {
  name: 'gpu',
  resource: gpuMilli,
  stockOf({ metadata: { labels }, status: { allocatable } }: Node): DeviceStock | undefined {
    const count = allocatable.get(gpuCount) ?? 0;
    return count <= 0 ? undefined : { count, model: labelValue(labels, gpuCardModel) ?? '' };
  },
  demandOf,
  indicesOf({ metadata: { annotations } }: Pod): readonly number[] {
    const text = labelValue(annotations, gpuIndex) ?? '';
    return /^\d{1,4}(-\d{1,4})*$/.test(text) ? text.split('-').map(Number) : none;
  },
  annotationsOf: (indices) => ({ [gpuIndex]: indices.join('-') }),
};

const none: readonly number[] = Object.freeze([]);

function demandOf(annotations: Labels): DeviceDemand | BadDemand | undefined {
  const countText = labelValue(annotations, gpuCount);
  const milliText = labelValue(annotations, gpuMilli);
  if (countText === undefined && milliText === undefined) return undefined;
  const count = wholeNumber(countText ?? '1');
  const milli = wholeNumber(milliText ?? String(wholeDevice));
  if (count === undefined) return { problem: `annotation ${gpuCount} "${countText}" is not a whole number` };
  if (milli === undefined) return { problem: `annotation ${gpuMilli} "${milliText}" is not a whole number` };
  if (count === 0 || milli === 0) return undefined;
  return { count, milli: Math.min(milli, wholeDevice), models: modelsOf(labelValue(annotations, gpuCardModel) ?? '') };
}

/** The parts of `A|B`; duplicates stay, since they tell classes of pods apart. */
function modelsOf(text: string): readonly string[] {
  return text.split('|').filter((model) => model !== '');
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
