/** What holds where the scenario says nothing. Times in microseconds. */
import type { Distribution } from '../engine/distributions.ts';
import { constant } from '../engine/distributions.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';

/** Upstream's defaults (kubernetes 1.37, `pkg/kubelet/apis/config/v1beta1/defaults.go` unless another file is named). */
export const upstream = {
  nodeLeaseDurationUs: 40 * SECOND,
  /** A lease is renewed after this part of its duration (`pkg/kubelet/kubelet.go` nodeLeaseRenewIntervalFraction). */
  nodeLeaseRenewFraction: 0.25,
  /** Periods are longer by up to this part; recorded 10.0 to 10.4 s. One draw for each node: the mean over many periods is the same. */
  nodeLeaseJitter: 0.04,
  nodeStatusUpdateFrequencyUs: 10 * SECOND,
  serializeImagePulls: true,
  registryPullQps: 5,
  registryBurst: 10,
  kubeApiQps: 50,
  kubeApiBurst: 100,
  maxPods: 110,
  /** `pkg/kubelet/kubelet.go` containerBackOffPeriod. */
  restartBackoffInitialUs: 10 * SECOND,
  /** With the gate ReduceDefaultCrashLoopBackOffDecay; the maximum stays (recorded). */
  reducedBackoffInitialUs: 1 * SECOND,
  restartBackoffMaxUs: 300 * SECOND,
  /** Runs shorter than this are over when the list of containers after their start is made, but for this part of restarts (recorded). */
  quickRunUs: 1 * MILLISECOND,
  quickRunSeenPart: 0.12,
  /** A longer run forgets the crash-loop back-off; fixed, whatever the maximum is. */
  restartBackoffResetUs: 600 * SECOND,
  imagePullBackoffInitialUs: 10 * SECOND,
  imagePullBackoffMaxUs: 300 * SECOND,
  /** Twice the maximum (client-go `util/flowcontrol/backoff.go`). */
  imagePullBackoffResetUs: 600 * SECOND,
  /** `syncFrequency`: a pod is looked at again after so long even where nothing happens, and after no longer wait for a back-off. */
  syncFrequencyUs: 60 * SECOND,
  /** After a sync that failed without a back-off (`pkg/kubelet/pod_workers.go` via `kubelet.go` backOffPeriod). */
  backOffPeriodUs: 10 * SECOND,
  /** Delays in the queue are longer by up to this part (`workerResyncIntervalJitterFactor`, `workerBackOffPeriodJitterFactor`). */
  syncJitter: 0.5,
  /** A status that lives shorter than this is mostly not written: the writer sends the latest one only (recorded). */
  untoldUs: 300 * MILLISECOND,
  /** The first look at a pod's volumes comes too early, the next one 0.3 s later (recorded: 0.29 to 0.32 s). */
  volumeWaitUs: 300 * MILLISECOND,
  /** `podAttachAndMountTimeout`. */
  volumeTimeoutUs: 123 * SECOND,
  /** The first attempt to mount (recorded: 0.11 to 0.29 s), and the delays after attempts that failed. */
  firstMountUs: 200 * MILLISECOND,
  mountRetryUs: 500 * MILLISECOND,
  mountRetryMaxUs: 122 * SECOND,
  /** `evictionHard` memory.available, bytes. */
  evictionHardMemoryBytes: 100 * 1024 * 1024,
  /** `evictionHard` nodefs.available and imagefs.available, percent (`pkg/kubelet/eviction/defaults_linux.go`). */
  evictionHardNodefsPercent: 10,
  evictionHardImagefsPercent: 15,
  evictionPressureTransitionUs: 300 * SECOND,
  /** `pkg/kubelet/kubelet.go` evictionMonitoringPeriod. */
  evictionPeriodUs: 10 * SECOND,
  /** How often the cleanup of evicted pods is looked at, and for how long (`pkg/kubelet/eviction/eviction_manager.go`). */
  cleanupPollUs: 1 * SECOND,
  cleanupTimeoutUs: 30 * SECOND,
  /** The end of a pod that is evicted is waited for at least this time, and half as long again as its grace (`pod_workers.go` killPodNow). */
  killPatienceSeconds: 10,
  /** `pkg/kubelet/kubelet.go` ContainerGCPeriod. */
  containerGcPeriodUs: 60 * SECOND,
  /** StopContainer is given at least this time (`kuberuntime_container.go` minimumGracePeriodInSeconds). */
  minimumGraceSeconds: 2,
} as const;

/** How long things take that upstream leaves to the runtime, the registry and the machine; a scenario may state each. */
export const typical = {
  /** RunPodSandbox with its network; 0.3 to 1.5 s on real nodes. */
  sandboxDuration: constant(500 * MILLISECOND),
  /** CreateContainer and StartContainer together; the recorded case start-latency uses 0.2 s and 0.3 s. */
  startDuration: constant(200 * MILLISECOND),
  /** Manifest and authentication, before the first byte of an image, and the whole of a check of a present one. */
  registryLatency: constant(300 * MILLISECOND),
  imageSizeBytes: 100 * 1024 * 1024,
  /** Bytes per second of one pull, unpacking included. */
  registryBandwidth: 50 * 1024 * 1024,
  /** From SIGTERM to the exit of a process that handles it. */
  stopAfter: constant(1 * SECOND),
  /** Run of an init container, which no manifest states. */
  initDuration: constant(1 * SECOND),
  /** From power to a kubelet that runs. */
  bootDurationUs: 30 * SECOND,
  /** From the end of the pods to that of power, when a system is shut down. */
  systemStopUs: 2 * SECOND,
  /** Of nodes that state no capacity of ephemeral-storage. */
  diskBytes: 100 * 1024 * 1024 * 1024,
  /** `kernel.pid_max` of 64-bit systems. */
  processesMax: 4_194_304,
} as const satisfies Record<string, Distribution | number>;

/** Exit codes of a container that was stopped: by SIGTERM in time, or by SIGKILL at the end of the grace period. */
export const sigtermExitCode = 143;
export const sigkillExitCode = 137;

/** What an attempt to run a command in a container that has ended is told with. */
export const notRunningCode = -1;

/** Pods of at least this priority are critical (upstream `scheduling.SystemCriticalPriority`). */
export const criticalPriority = 2_000_000_000;
