/** The settings of every kubelet, upstream's defaults filled in. Times in microseconds. */
import { SECOND } from '../engine/time.ts';
import type { EvictionThreshold, KubeletOptions, RegistryOptions, ShutdownGroup } from './behavior.ts';
import { criticalPriority, typical, upstream } from './defaults.ts';
import { EntityDuration } from './draw.ts';
import type { PullSettings } from './image-pull.ts';
import type { ImageSizes } from './images.ts';
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
  /** Empty = the kubelet does not hold up a shutdown of its system. */
  readonly shutdownGroups: readonly ShutdownGroup[];
}

/** When and how pods are evicted for want of memory, disk or process ids. */
export interface EvictionSettings {
  readonly thresholds: readonly EvictionThreshold[];
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
    shutdownGroups: shutdownGroups(options),
  };
}

/** Upstream `nodeshutdown_manager_linux.go` migrateConfig: critical pods have the last part of the time. */
function shutdownGroups(options: KubeletOptions): readonly ShutdownGroup[] {
  const { shutdownGracePeriod = 0, shutdownGracePeriodCriticalPods = 0, shutdownGracePeriodByPodPriority } = options;
  if (shutdownGracePeriodByPodPriority !== undefined)
    return shutdownGracePeriodByPodPriority.toSorted((a, b) => a.priority - b.priority);
  const seconds = Math.trunc(shutdownGracePeriod / SECOND);
  if (seconds === 0) return [];
  const critical = Math.trunc(shutdownGracePeriodCriticalPods / SECOND);
  return [
    { priority: 0, seconds: seconds - critical },
    { priority: criticalPriority, seconds: critical },
  ];
}

function evictionSettings(options: KubeletOptions): EvictionSettings {
  const { evictionHard = defaultThresholds, evictionSoft = [] } = options;
  return {
    thresholds: [...evictionHard, ...evictionSoft],
    transitionUs: options.evictionPressureTransitionPeriod ?? upstream.evictionPressureTransitionUs,
    maxPodGraceSeconds: options.evictionMaxPodGracePeriod ?? 0,
  };
}

/** Thresholds of inodes are left out: nothing says how many files there are. */
const defaultThresholds: readonly EvictionThreshold[] = [
  { signal: 'memory.available', amount: upstream.evictionHardMemoryBytes, percent: undefined, graceUs: 0 },
  { signal: 'nodefs.available', amount: 0, percent: upstream.evictionHardNodefsPercent, graceUs: 0 },
  { signal: 'imagefs.available', amount: 0, percent: upstream.evictionHardImagefsPercent, graceUs: 0 },
];

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
