/** The parts of core/v1 that the simulator reads. All values are immutable; quantities are integers in base units. */
import type { ApiObject, Condition, LabelSelector, Labels, ObjectMeta, Timestamp } from './meta-v1.ts';
import type { PodStatus } from './pod-status.ts';

/**
 * Quantities by resource name: `cpu` in milliCPU, everything else in its base unit (bytes, devices, pods), rounded up to
 * integers as upstream's `Quantity.MilliValue` and `Quantity.Value` do.
 */
export type ResourceList = ReadonlyMap<string, number>;

export interface ResourceRequirements {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
  /** 0 = none. */
  readonly hostPort: number;
  /** Empty means 0.0.0.0. */
  readonly hostIP: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

export interface Probe {
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** Grace of a container that this probe kills; absent = the pod's. */
  readonly terminationGracePeriodSeconds?: number;
  /** First word of the command of an `exec` probe; absent for other handlers. */
  readonly command?: string;
}

/** A postStart or preStop hook. */
export interface LifecycleHandler {
  /** First word of the command of an `exec` hook; empty for other handlers. */
  readonly command: string;
  /** A hook that only waits so long; -1 for other handlers. */
  readonly sleepSeconds: number;
}

/** What an exit code leads to, in a container with rules of its own. */
export interface ContainerRestartRule {
  readonly action: 'Restart' | 'RestartAllContainers';
  readonly operator: 'In' | 'NotIn';
  readonly exitCodes: readonly number[];
}

/** A ConfigMap or Secret that the environment of a container is taken from. */
export interface EnvironmentSource {
  readonly kind: 'configmap' | 'secret';
  readonly name: string;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly resources: ResourceRequirements;
  readonly ports: readonly ContainerPort[];
  /** `Always` on an init container: a sidecar. On others it stands before the pod's policy; undefined = the pod's. */
  readonly restartPolicy: RestartPolicy | undefined;
  readonly startupProbe: Probe | undefined;
  readonly readinessProbe: Probe | undefined;
  readonly livenessProbe: Probe | undefined;
  /** Absent = none, as the fields below. */
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
  readonly postStart?: LifecycleHandler;
  readonly preStop?: LifecycleHandler;
  /** Names of the volumes that are mounted. */
  readonly volumeMounts?: readonly string[];
  /** ConfigMaps and Secrets that must exist, or the container is not created. */
  readonly environmentSources?: readonly EnvironmentSource[];
}

export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

export interface NodeSelectorTerm {
  readonly matchExpressions: readonly NodeSelectorRequirement[];
  readonly matchFields: readonly NodeSelectorRequirement[];
}

export interface PreferredSchedulingTerm {
  readonly weight: number;
  readonly preference: NodeSelectorTerm;
}

export interface NodeAffinity {
  /** undefined = no requirement; an empty list matches no node. */
  readonly required: readonly NodeSelectorTerm[] | undefined;
  readonly preferred: readonly PreferredSchedulingTerm[];
}

export interface PodAffinityTerm {
  readonly topologyKey: string;
  readonly labelSelector: LabelSelector | undefined;
  readonly namespaces: readonly string[];
  readonly namespaceSelector: LabelSelector | undefined;
  readonly matchLabelKeys: readonly string[];
  readonly mismatchLabelKeys: readonly string[];
}

export interface WeightedPodAffinityTerm {
  readonly weight: number;
  readonly podAffinityTerm: PodAffinityTerm;
}

export interface PodAffinity {
  readonly required: readonly PodAffinityTerm[];
  readonly preferred: readonly WeightedPodAffinityTerm[];
}

export interface Affinity {
  readonly nodeAffinity: NodeAffinity | undefined;
  readonly podAffinity: PodAffinity | undefined;
  readonly podAntiAffinity: PodAffinity | undefined;
}

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: TaintEffect;
  readonly timeAdded: Timestamp | undefined;
}

export interface Toleration {
  /** Empty with operator Exists: every key. */
  readonly key: string;
  readonly operator: 'Exists' | 'Equal' | 'Gt' | 'Lt';
  readonly value: string;
  /** Empty: every effect. */
  readonly effect: TaintEffect | '';
  /** Seconds a NoExecute taint is tolerated; undefined = for ever; zero or negative = not at all. */
  readonly tolerationSeconds: number | undefined;
}

export interface TopologySpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  readonly labelSelector: LabelSelector | undefined;
  readonly minDomains: number | undefined;
  readonly nodeAffinityPolicy: 'Honor' | 'Ignore';
  readonly nodeTaintsPolicy: 'Honor' | 'Ignore';
  readonly matchLabelKeys: readonly string[];
}

/** A volume of a pod; only its source's kind and the claim behind it matter so far. */
export interface Volume {
  readonly name: string;
  /** The key of the source in the manifest, for example `configMap`, `persistentVolumeClaim`, `ephemeral`. */
  readonly source: string;
  /** Name of the claim when `source` is `persistentVolumeClaim`. */
  readonly claimName: string | undefined;
  /** The source as written, for the volume plugins. */
  readonly raw: unknown;
}

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** Desired state of a pod. All pods of one template share one value until they are bound. */
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly restartPolicy: RestartPolicy;
  readonly terminationGracePeriodSeconds: number;
  readonly activeDeadlineSeconds: number | undefined;
  /** Empty until bound. */
  readonly nodeName: string;
  readonly nodeSelector: Labels;
  readonly affinity: Affinity | undefined;
  readonly tolerations: readonly Toleration[];
  readonly topologySpreadConstraints: readonly TopologySpreadConstraint[];
  readonly schedulerName: string;
  readonly schedulingGates: readonly string[];
  readonly priorityClassName: string;
  readonly priority: number;
  readonly preemptionPolicy: 'PreemptLowerPriority' | 'Never';
  readonly overhead: ResourceList;
  /** Pod-level requests and limits; undefined where the manifest states none. */
  readonly resources: ResourceRequirements | undefined;
  readonly volumes: readonly Volume[];
  readonly hostNetwork: boolean;
  readonly readinessGates: readonly string[];
  /** Names of resource claims (DRA); pods with claims are refused by name. */
  readonly resourceClaims: readonly string[];
  readonly runtimeClassName: string;
  /** False = a user namespace of the pod's own; absent = not told, which means the host's. */
  readonly hostUsers?: boolean | undefined;
  /** `linux` or `windows`; absent = not told. */
  readonly osName?: string | undefined;
  /** Names of the kernel parameters that the pod sets; absent = none. */
  readonly sysctls?: readonly string[] | undefined;
}

export interface PodTemplateSpec {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: PodSpec;
}

export type { PodPhase } from './pod-status.ts';

export interface Pod extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

export interface ContainerImage {
  readonly names: readonly string[];
  readonly sizeBytes: number;
}

export interface NodeStatus {
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly conditions: readonly Condition[];
  readonly images: readonly ContainerImage[];
  /** Features the node declares (NodeDeclaredFeatures). */
  readonly declaredFeatures: readonly string[];
}

export interface NodeSpec {
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
  readonly podCIDR: string;
  readonly providerID: string;
}

export interface Node extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly spec: NodeSpec;
  readonly status: NodeStatus;
}

export interface Namespace extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Namespace';
  readonly phase: 'Active' | 'Terminating';
  /** What its deletion has come to; absent = none. */
  readonly conditions?: readonly Condition[];
}

export interface ServicePort {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
  readonly targetPort: number | string;
}

export interface Service extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  /** undefined: no selector, endpoints are kept by others. */
  readonly selector: Labels | undefined;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly clusterIP: string;
  readonly publishNotReadyAddresses: boolean;
  readonly ports: readonly ServicePort[];
}

export type ResourceQuotaScope =
  | 'Terminating'
  | 'NotTerminating'
  | 'BestEffort'
  | 'NotBestEffort'
  | 'PriorityClass'
  | 'CrossNamespacePodAffinity'
  | 'VolumeAttributesClass';

export interface ScopedResourceSelectorRequirement {
  readonly scopeName: ResourceQuotaScope;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

export interface ResourceQuotaSpec {
  readonly hard: ResourceList;
  readonly scopes: readonly ResourceQuotaScope[];
  /** The `matchExpressions` of the scope selector; empty = none. */
  readonly scopeSelector: readonly ScopedResourceSelectorRequirement[];
}

/** Limits of what a namespace may hold. */
export interface ResourceQuota extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'ResourceQuota';
  readonly spec: ResourceQuotaSpec;
  readonly status: {
    /** What is enforced: empty until the controller has counted. */
    readonly hard: ResourceList;
    readonly used: ResourceList;
  };
}

export interface LimitRangeItem {
  /** `Container`, `Pod`, `PersistentVolumeClaim`, or a name of a vendor's domain, which nothing acts on. */
  readonly type: string;
  readonly max: ResourceList;
  readonly min: ResourceList;
  readonly default: ResourceList;
  readonly defaultRequest: ResourceList;
  readonly maxLimitRequestRatio: ResourceList;
}

export interface LimitRange extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'LimitRange';
  readonly limits: readonly LimitRangeItem[];
}
