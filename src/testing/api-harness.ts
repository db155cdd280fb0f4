/** An engine and an API server for tests, and small objects to put in it. */
import type { Deployment } from '../api/apps-v1.ts';
import type { Job } from '../api/batch-v1.ts';
import { newDeploymentStatus } from '../api/apps-v1.ts';
import { jobControllerName, newJobStatus } from '../api/batch-v1.ts';
import type { Namespace, PodSpec, PodTemplateSpec } from '../api/core-v1.ts';
import type { CustomObject } from '../api/custom.ts';
import type { Labels } from '../api/meta-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import type { AdmissionPlugin } from '../apiserver/admission/admission.ts';
import { admissionPlugins } from '../apiserver/admission/registry.ts';
import { ApiServer } from '../apiserver/apiserver.ts';
import type { LatencyProfile } from '../apiserver/latency.ts';
import { instantLatency } from '../apiserver/latency.ts';
import { Engine } from '../engine/engine.ts';
import type { UserAction } from '../record/facts.ts';
import { Recorder } from '../record/recorder.ts';
import { makePodSpec } from './builders.ts';
import { nodeSha256 } from './sha256.ts';

export interface ApiHarness {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly server: ApiServer;
  /** What users did so far, in the order of outcomes. */
  readonly userActions: UserAction[];
}

/** A server with the namespaces `default` and `shop`. */
export function makeApi(
  options: {
    readonly latency?: LatencyProfile;
    readonly admission?: readonly AdmissionPlugin[];
    readonly seed?: string;
  } = {},
): ApiHarness {
  const engine = new Engine({ seed: options.seed ?? '42', createHash: nodeSha256 });
  const recorder = new Recorder();
  const userActions: UserAction[] = [];
  recorder.observe({ userAction: (action) => void userActions.push(action) });
  const server = new ApiServer({
    engine,
    recorder,
    latency: options.latency ?? instantLatency,
    admission: options.admission ?? admissionPlugins(),
  });
  for (const name of ['default', 'shop']) server.install('Namespace', makeNamespace(name));
  return { engine, recorder, server, userActions };
}

export function makeNamespace(name: string, phase: Namespace['phase'] = 'Active'): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: newObjectMeta({ name }), phase };
}

export function makeTemplate(labels: Labels, spec: Partial<PodSpec> = {}): PodTemplateSpec {
  return { labels, annotations: {}, spec: makePodSpec(spec) };
}

/** A Deployment in namespace `shop` whose pods are labelled `app=<name>`. */
export function makeDeployment(name: string, parts: Partial<Deployment['spec']> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: newObjectMeta({ name, namespace: 'shop' }),
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name }, matchExpressions: [] },
      template: makeTemplate({ app: name }),
      strategy: { type: 'RollingUpdate', maxSurge: { percent: 25 }, maxUnavailable: { percent: 25 } },
      minReadySeconds: 0,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      paused: false,
      ...parts,
    },
    status: newDeploymentStatus,
  };
}

/** A Job in namespace `shop` with one pod. */
export function makeJob(name: string, parts: Partial<Job['spec']> = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: newObjectMeta({ name, namespace: 'shop' }),
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      backoffLimitPerIndex: undefined,
      maxFailedIndexes: undefined,
      podFailurePolicy: undefined,
      successPolicy: undefined,
      activeDeadlineSeconds: undefined,
      ttlSecondsAfterFinished: undefined,
      completionMode: 'NonIndexed',
      podReplacementPolicy: 'TerminatingOrFailed',
      suspend: false,
      selector: undefined,
      manualSelector: false,
      managedBy: jobControllerName,
      template: makeTemplate({ app: name }, { restartPolicy: 'Never' }),
      ...parts,
    },
    status: newJobStatus,
  };
}

export function makeCustom(apiVersion: string, kind: string, name: string, namespace = 'shop'): CustomObject {
  return { apiVersion, kind, metadata: newObjectMeta({ name, namespace }), body: { apiVersion, kind } };
}
