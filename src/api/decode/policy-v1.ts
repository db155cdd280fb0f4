/** Decoder of policy/v1 (`pkg/apis/policy/v1/defaults.go`, `pkg/apis/policy/validation/validation.go`). */
import type { IntOrPercent } from '../apps-v1.ts';
import type { Timestamp } from '../meta-v1.ts';
import { dnsSubdomainProblem } from '../names.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from '../policy-v1.ts';
import { decodeIntOrPercent } from './apps-v1.ts';
import { FieldReader } from './field-reader.ts';
import { objectFields, podDisruptionBudgetSpecFields } from './known-fields.ts';
import { decodeConditions, decodeLabelSelector, decodeMetadata } from './metadata.ts';

/** A budget. The counts of its status are kept: they hold until a controller counts anew; times are 0. */
export function decodePodDisruptionBudget(root: FieldReader): PodDisruptionBudget {
  root.warnUnknown(objectFields);
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec: decodeSpec(root.object('spec') ?? new FieldReader({}, root.at.field('spec'))),
    status: decodeStatus(root.object('status') ?? new FieldReader({}, root.at.field('status'))),
  };
}

function decodeSpec(reader: FieldReader): PodDisruptionBudgetSpec {
  reader.warnUnknown(podDisruptionBudgetSpecFields);
  if (reader.has('minAvailable') && reader.has('maxUnavailable')) {
    reader.at.invalid(reader.raw, 'minAvailable and maxUnavailable cannot be both set');
  }
  return {
    minAvailable: amountOf(reader, 'minAvailable'),
    maxUnavailable: amountOf(reader, 'maxUnavailable'),
    selector: decodeLabelSelector(reader, 'selector'),
    unhealthyPodEvictionPolicy: reader.choice(
      'unhealthyPodEvictionPolicy',
      ['AlwaysAllow', 'IfHealthyBudget'] as const,
      'IfHealthyBudget',
    ),
  };
}

function amountOf(reader: FieldReader, name: string): IntOrPercent | undefined {
  const amount = decodeIntOrPercent(reader, name);
  if (amount !== undefined && 'percent' in amount && amount.percent > 100) {
    reader.at.field(name).invalid(reader.value(name), 'must not be greater than 100%');
  }
  return amount;
}

function decodeStatus(reader: FieldReader): PodDisruptionBudgetStatus {
  return {
    observedGeneration: 0,
    disruptionsAllowed: reader.integer('disruptionsAllowed', 0),
    currentHealthy: reader.integer('currentHealthy', 0),
    desiredHealthy: reader.integer('desiredHealthy', 0),
    expectedPods: reader.integer('expectedPods', 0),
    disruptedPods: new Map(reader.entries('disruptedPods').map(([name]): [string, Timestamp] => [name, 0])),
    conditions: decodeConditions(reader),
  };
}
