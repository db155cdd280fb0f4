/** Shared GPUs, after the open gpushare extension (`alibabacloud.com/gpu-milli`, `gpu-count`, `gpu-card-model`). */
import { devicePolicies } from '../devices/device-choice.ts';
import type { DevicePolicy } from '../devices/device-choice.ts';
import { sharedGpus } from '../devices/shared-gpus.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import { DeviceSharing } from './device-sharing.ts';
import { readPluginArgs } from './read-args.ts';

/** GpuShareArgs. */
interface GpuShareArgs {
  /** Which GPU of a node a pod gets that wants a part of one. */
  readonly gpuSelection: DevicePolicy;
}

export const gpuShare = definePlugin<GpuShareArgs>({
  name: 'GpuShare',
  description:
    'gives pods GPUs or thousandths of one by their annotations, and refuses nodes without room or of another model',
  defaultArgs: { gpuSelection: 'best' },
  readArgs: (given, problems) =>
    readPluginArgs('GpuShare', ['gpuSelection'], given, problems, (reader) => ({
      gpuSelection: reader.choice('gpuSelection', devicePolicies, 'best'),
    })),
  create: ({ gpuSelection }, handle) => new DeviceSharing('GpuShare', sharedGpus, gpuSelection, handle),
});
