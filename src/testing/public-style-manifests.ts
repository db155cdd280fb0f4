/** A manifest set in the style of those that projects publish: a whole monitoring stack and a shop, one document after the other. */

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: probes.monitoring.example.com
  annotations: { controller-gen.kubebuilder.io/version: v0.14.0 }
spec:
  group: monitoring.example.com
  names: { kind: Probe, listKind: ProbeList, plural: probes, singular: probe, shortNames: [prb] }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, x-kubernetes-preserve-unknown-fields: true }
            interval: { default: 30s, pattern: '^([0-9]+(s|m))$', type: string }
`;

const access = `apiVersion: v1
kind: ServiceAccount
metadata: { name: collector, namespace: monitoring, labels: { app.kubernetes.io/name: collector } }
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: "monitoring:collector" }
rules:
  - { apiGroups: [""], resources: [nodes, nodes/metrics, services, endpoints, pods], verbs: [get, list, watch] }
  - { nonResourceURLs: [/metrics], verbs: [get] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: "monitoring:collector" }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "monitoring:collector" }
subjects: [{ kind: ServiceAccount, name: collector, namespace: monitoring }]
`;

const config = `apiVersion: v1
kind: ConfigMap
metadata: { name: collector, namespace: monitoring }
data:
  collector.yaml: |
    scrape_configs:
      - job_name: 'nodes'
        relabel_configs: [{ source_labels: [__address__], regex: '(.*):10250', target_label: __address__ }]
---
apiVersion: v1
kind: Secret
metadata: { name: collector-tls, namespace: monitoring }
type: kubernetes.io/tls
data: { tls.crt: "", tls.key: "" }
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: collector
  namespace: monitoring
  creationTimestamp: null
  labels: { app.kubernetes.io/name: collector, app.kubernetes.io/version: 2.1.0 }
spec:
  replicas: 2
  revisionHistoryLimit: 5
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  selector: { matchLabels: { app.kubernetes.io/name: collector } }
  template:
    metadata:
      annotations: { kubectl.kubernetes.io/default-container: collector, checksum/config: 9f86d081884c7d65 }
      labels: { app.kubernetes.io/name: collector, app.kubernetes.io/version: 2.1.0 }
    spec:
      serviceAccountName: collector
      automountServiceAccountToken: true
      nodeSelector: { kubernetes.io/os: linux }
      securityContext: { fsGroup: 65534, runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: { matchLabels: { app.kubernetes.io/name: collector } }
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector: { matchExpressions: [{ key: app.kubernetes.io/name, operator: In, values: [collector] }] }
      initContainers:
        - name: init-config
          image: registry.example.com/tools/busybox:1.36
          command: [sh, -c, "cp /in/* /out"]
          volumeMounts: [{ name: out, mountPath: /out }]
        - name: reloader
          image: registry.example.com/monitoring/reloader:v0.71.2
          restartPolicy: Always
          resources: { limits: { cpu: 10m, memory: 50Mi }, requests: { cpu: 10m, memory: 50Mi } }
      containers:
        - name: collector
          image: registry.example.com/monitoring/collector@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
          args:
            - --config=/etc/collector/collector.yaml
            - --retention=24h
          env:
            - { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            - { name: GOMAXPROCS, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }
          ports:
            - { name: web, containerPort: 9090 }
            - { name: grpc, containerPort: 10901, protocol: TCP }
          livenessProbe: { httpGet: { path: /-/healthy, port: web, scheme: HTTP }, failureThreshold: 6, periodSeconds: 5 }
          readinessProbe: { httpGet: { path: /-/ready, port: web }, timeoutSeconds: 3 }
          startupProbe: { exec: { command: [cat, /ready] }, failureThreshold: 60 }
          lifecycle: { preStop: { sleep: { seconds: 5 } } }
          resources: { requests: { cpu: 100m, memory: 400Mi }, limits: { memory: 1Gi } }
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, readOnlyRootFilesystem: true }
          terminationMessagePolicy: FallbackToLogsOnError
          volumeMounts:
            - { name: config, mountPath: /etc/collector }
            - { name: data, mountPath: /data, subPath: db }
      terminationGracePeriodSeconds: 600
      volumes:
        - { name: config, configMap: { name: collector, defaultMode: 0420 } }
        - { name: tls, projected: { sources: [{ secret: { name: collector-tls } }] } }
        - { name: out, emptyDir: { medium: Memory, sizeLimit: 10Mi } }
        - { name: data, persistentVolumeClaim: { claimName: collector-data } }
status: { availableReplicas: 2, conditions: [{ type: Available, status: "True" }] }
`;

const services = `apiVersion: v1
kind: Service
metadata: { name: collector, namespace: monitoring, annotations: { prometheus.io/scrape: "true" } }
spec:
  clusterIP: None
  ports: [{ name: web, port: 9090, targetPort: web }, { name: grpc, port: 10901, targetPort: grpc, appProtocol: h2c }]
  selector: { app.kubernetes.io/name: collector }
  sessionAffinity: ClientIP
---
apiVersion: v1
kind: Service
metadata: { name: frontend-external, namespace: shop }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: { app: frontend }
  ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]
`;

const inert = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: shop }
spec:
  serviceName: db
  replicas: 3
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: "db:15" }] }
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Gi } } } }]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: node-agent, namespace: monitoring }
spec:
  selector: { matchLabels: { app: node-agent } }
  template:
    metadata: { labels: { app: node-agent } }
    spec: { hostNetwork: true, tolerations: [{ operator: Exists }], containers: [{ name: agent, image: agent }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: frontend, namespace: shop }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: frontend }, minReplicas: 2, maxReplicas: 9 }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: frontend, namespace: shop }
spec: { minAvailable: 50%, selector: { matchLabels: { app: frontend } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: frontend, namespace: shop, annotations: { nginx.ingress.kubernetes.io/rewrite-target: / } }
spec:
  rules: [{ host: shop.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: frontend, port: { number: 80 } } } }] } }]
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: backup, namespace: shop }
spec:
  schedule: "*/5 * * * *"
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: backup, image: backup }] } } } }
---
apiVersion: monitoring.example.com/v1
kind: Probe
metadata: { name: frontend, namespace: shop }
spec: { interval: 30s }
`;

const job = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate, namespace: shop, annotations: { helm.sh/hook: pre-install } }
spec:
  ttlSecondsAfterFinished: 600
  backoffLimit: 3
  podFailurePolicy: { rules: [{ action: Ignore, onPodConditions: [{ type: DisruptionTarget, status: "True" }] }] }
  template:
    metadata: { labels: { job: migrate } }
    spec: { restartPolicy: Never, containers: [{ name: migrate, image: "shop/migrate:3", envFrom: [{ secretRef: { name: db } }] }] }
`;

const frontend = `apiVersion: apps/v1
kind: Deployment
metadata: { name: frontend, namespace: shop }
spec:
  selector: { matchLabels: { app: frontend } }
  template:
    metadata: { labels: { app: frontend } }
    spec:
      containers:
        - name: server
          image: shop/frontend:v0.10.1
          ports: [{ containerPort: 8080 }]
          resources: { requests: { cpu: .1, memory: 64Mi }, limits: { cpu: "0.2", memory: 128Mi } }
      tolerations: [{ key: dedicated, operator: Equal, value: web, effect: NoExecute, tolerationSeconds: 60 }]
`;

const namespaces = ['monitoring', 'shop'].map(
  (name) =>
    `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { pod-security.kubernetes.io/enforce: baseline } }\n`,
);

/** All documents in one file, an empty one and a comment between them, as tools that print templates leave them. */
export const publicStyleManifests = [
  '# Source: stack/templates/crd.yaml\n',
  ...[crd, '\n', ...namespaces, access, config, deployment, services, inert, job, frontend],
].join('---\n');
