/**
 * The fields of the API, version 1.37, by type: those that the simulator reads and those that it knows and passes over. A
 * field outside these lists is a slip of the pen. Source: `k8s.io/api` and `apimachinery/pkg/apis/meta/v1/types.go`.
 */

const setOf = (names: string): ReadonlySet<string> => new Set(names.split(' '));

export const objectFields = setOf('apiVersion kind metadata spec status');
export const limitRangeFields = setOf('limits');
export const resourceQuotaSpecFields = setOf('hard scopes scopeSelector');
export const scopeSelectorFields = setOf('matchExpressions');
export const scopeRequirementFields = setOf('scopeName operator values');
export const runtimeClassFields = setOf('apiVersion kind metadata handler overhead scheduling');
export const priorityClassFields = setOf('apiVersion kind metadata value globalDefault description preemptionPolicy');

export const metadataFields = setOf(
  'name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp ' +
    'deletionGracePeriodSeconds labels annotations ownerReferences finalizers clusterName managedFields',
);

export const podTemplateFields = setOf('metadata spec');

export const podSpecFields = setOf(
  'volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds ' +
    'activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken nodeName ' +
    'hostNetwork hostPID hostIPC shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity ' +
    'schedulerName tolerations hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName ' +
    'enableServiceLinks preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates ' +
    'resourceClaims resources hostnameOverride workloadRef schedulingGroup evictionResponders',
);

export const containerFields = setOf(
  'name image command args workingDir ports envFrom env resources resizePolicy restartPolicy restartPolicyRules ' +
    'volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath ' +
    'terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty',
);

export const containerPortFields = setOf('name hostPort containerPort protocol hostIP');
export const resourcesFields = setOf('limits requests claims');
export const probeFields = setOf(
  'exec httpGet tcpSocket grpc initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold ' +
    'terminationGracePeriodSeconds',
);

export const affinityFields = setOf('nodeAffinity podAffinity podAntiAffinity');
export const affinityKindFields = setOf(
  'requiredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution',
);
export const nodeSelectorTermFields = setOf('matchExpressions matchFields');
export const podAffinityTermFields = setOf(
  'labelSelector namespaces topologyKey namespaceSelector matchLabelKeys mismatchLabelKeys',
);
export const labelSelectorFields = setOf('matchLabels matchExpressions');
export const requirementFields = setOf('key operator values');
export const tolerationFields = setOf('key operator value effect tolerationSeconds');
export const taintFields = setOf('key value effect timeAdded');
export const topologySpreadFields = setOf(
  'maxSkew topologyKey whenUnsatisfiable labelSelector minDomains nodeAffinityPolicy nodeTaintsPolicy matchLabelKeys',
);

export const volumeSources = setOf(
  'hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim rbd ' +
    'flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume quobyte azureDisk ' +
    'photonPersistentDisk projected portworxVolume scaleIO storageos csi ephemeral image',
);

const persistentVolumeSourceNames =
  'gcePersistentDisk awsElasticBlockStore hostPath glusterfs nfs rbd iscsi cinder cephfs fc flocker flexVolume azureFile ' +
  'vsphereVolume quobyte azureDisk photonPersistentDisk portworxVolume scaleIO local storageos csi';
export const persistentVolumeSources = setOf(persistentVolumeSourceNames);
export const volumeSpecFields = setOf(
  'capacity accessModes claimRef persistentVolumeReclaimPolicy storageClassName mountOptions volumeMode nodeAffinity ' +
    'volumeAttributesClassName ' +
    persistentVolumeSourceNames,
);
export const claimSpecFields = setOf(
  'accessModes selector resources volumeName storageClassName volumeMode dataSource dataSourceRef ' +
    'volumeAttributesClassName',
);
export const storageClassFields = setOf(
  'apiVersion kind metadata provisioner parameters reclaimPolicy mountOptions allowVolumeExpansion volumeBindingMode ' +
    'allowedTopologies',
);
export const csiDriverSpecFields = setOf(
  'attachRequired podInfoOnMount volumeLifecycleModes storageCapacity fsGroupPolicy tokenRequests requiresRepublish ' +
    'seLinuxMount nodeAllocatableUpdatePeriodSeconds serviceAccountTokenInSecrets preventPodSchedulingIfMissing',
);
export const csiStorageCapacityFields = setOf(
  'apiVersion kind metadata nodeTopology storageClassName capacity maximumVolumeSize',
);

export const nodeSpecFields = setOf(
  'podCIDR podCIDRs providerID unschedulable taints configSource externalID podPreemptionPolicy',
);

export const serviceSpecFields = setOf(
  'ports selector clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP loadBalancerSourceRanges ' +
    'externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig topologyKeys ' +
    'ipFamilies ipFamily ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy ' +
    'trafficDistribution',
);
export const servicePortFields = setOf('name protocol appProtocol port targetPort nodePort');
export const autoscalerV1SpecFields = setOf('scaleTargetRef minReplicas maxReplicas targetCPUUtilizationPercentage');
export const limitRangeItemFields = setOf('type max min default defaultRequest maxLimitRequestRatio');

export const deploymentSpecFields = setOf(
  'replicas selector template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds',
);
export const deploymentStrategyFields = setOf('type rollingUpdate');
export const rollingUpdateFields = setOf('maxUnavailable maxSurge');
/** Of ReplicationControllers too. */
export const replicaSetSpecFields = setOf('replicas minReadySeconds selector template');
export const statefulSetSpecFields = setOf(
  'replicas selector template volumeClaimTemplates serviceName podManagementPolicy updateStrategy revisionHistoryLimit ' +
    'minReadySeconds persistentVolumeClaimRetentionPolicy ordinals',
);
export const daemonSetSpecFields = setOf('selector template updateStrategy minReadySeconds revisionHistoryLimit');
export const statefulSetStrategyFields = setOf('type rollingUpdate');
export const statefulSetRollingUpdateFields = setOf('partition maxUnavailable');
export const claimRetentionFields = setOf('whenDeleted whenScaled');
export const ordinalsFields = setOf('start');
export const volumeClaimTemplateFields = setOf('apiVersion kind metadata spec status');

export const podDisruptionBudgetSpecFields = setOf('minAvailable selector maxUnavailable unhealthyPodEvictionPolicy');

export const cronJobSpecFields = setOf(
  'schedule timeZone startingDeadlineSeconds concurrencyPolicy suspend jobTemplate successfulJobsHistoryLimit ' +
    'failedJobsHistoryLimit',
);

export const jobSpecFields = setOf(
  'parallelism completions activeDeadlineSeconds podFailurePolicy successPolicy backoffLimit backoffLimitPerIndex ' +
    'maxFailedIndexes failedPodsLimit selector manualSelector template ttlSecondsAfterFinished completionMode suspend ' +
    'podReplacementPolicy managedBy scheduling',
);
