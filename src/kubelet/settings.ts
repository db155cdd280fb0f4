/** The settings of every kubelet, upstream's defaults filled in. Times in microseconds. */
import type { KubeletOptions, RegistryOptions } from './behavior.ts';
import { typical, upstream } from './defaults.ts';
import { EntityDuration } from './draw.ts';
import type { PullSettings } from './image-pull.ts';
import type { ImageSizes } from './images.ts';
import type { MemoryThreshold } from './node-memory.ts';
import type { BackoffRule } from './restart-backoff.ts';

/** Settings of every kubelet with all defaults filled in; periods in microseconds. */
export interface KubeletSettings {
  readonly leasePeriodUs: number;
  readonly statusPeriodUs: number;
  readonly maxPods: number;
  readonly sandboxDuration: EntityDuration;
  readonly initDuration: EntityDuration;
  readonly restartBackoff: BackoffRule;
  readonly pullBackoff: BackoffRule;
  readonly pulls: PullSettings;
  readonly eviction: EvictionSettings;
}

/** When and how pods are evicted for want of memory. */
export interface EvictionSettings {
  readonly thresholds: readonly MemoryThreshold[];
  /** Microseconds. */
  readonly transitionUs: number;
  readonly maxPodGraceSeconds: number;
}

/** Fills in what the scenario leaves open. */
export function kubeletSettings(
  options: KubeletOptions,
  registry: RegistryOptions,
  sizes: ImageSizes,
): KubeletSettings {
  const isReduced = options.reduceDefaultCrashLoopBackOffDecay === true;
  const leaseUs = options.nodeLeaseDuration ?? upstream.nodeLeaseDurationUs;
  return {
    leasePeriodUs: Math.max(1, Math.round(leaseUs * upstream.nodeLeaseRenewFraction)),
    statusPeriodUs: options.nodeStatusUpdateFrequency ?? upstream.nodeStatusUpdateFrequencyUs,
    maxPods: options.maxPods ?? upstream.maxPods,
    sandboxDuration: new EntityDuration('kubelet/sandbox', options.sandboxDuration ?? typical.sandboxDuration),
    initDuration: new EntityDuration('kubelet/init-duration', typical.initDuration),
    restartBackoff: {
      initialUs: isReduced ? upstream.reducedBackoffInitialUs : upstream.restartBackoffInitialUs,
      maxUs: options.maxContainerRestartPeriod ?? upstream.restartBackoffMaxUs,
      resetUs: upstream.restartBackoffResetUs,
    },
    pullBackoff: {
      initialUs: upstream.imagePullBackoffInitialUs,
      maxUs: upstream.imagePullBackoffMaxUs,
      resetUs: upstream.imagePullBackoffResetUs,
    },
    pulls: pullSettings(options, registry, sizes),
    eviction: evictionSettings(options),
  };
}

function evictionSettings(options: KubeletOptions): EvictionSettings {
  const { evictionHardMemoryBytes = upstream.evictionHardMemoryBytes, evictionSoftMemory } = options;
  const hard = { bytes: evictionHardMemoryBytes, graceUs: 0 };
  return {
    thresholds: evictionSoftMemory === undefined ? [hard] : [hard, evictionSoftMemory],
    transitionUs: options.evictionPressureTransitionPeriod ?? upstream.evictionPressureTransitionUs,
    maxPodGraceSeconds: options.evictionMaxPodGracePeriod ?? 0,
  };
}

function pullSettings(options: KubeletOptions, registry: RegistryOptions, sizes: ImageSizes): PullSettings {
  const { maxParallelImagePulls } = options;
  const isSerial = options.serializeImagePulls ?? (maxParallelImagePulls === undefined || maxParallelImagePulls < 2);
  return {
    sizes,
    bandwidth: registry.bandwidth ?? typical.registryBandwidth,
    latency: new EntityDuration('kubelet/registry-latency', registry.latency ?? typical.registryLatency),
    parallelism: isSerial ? 1 : (maxParallelImagePulls ?? Infinity),
    queriesPerSecond: options.registryPullQPS ?? upstream.registryPullQps,
    burst: options.registryBurst ?? upstream.registryBurst,
  };
}
