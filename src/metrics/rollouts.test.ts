import { describe, expect, test } from 'vitest';
import type { Deployment } from '../api/apps-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { rolloutsMetric } from './rollouts.ts';

interface Counts {
  readonly replicas: number;
  readonly updated: number;
  readonly available: number;
}

/** A Deployment of four with a new template, whose status is then told at one instant after the other. */
function rollOut(statuses: readonly (readonly [seconds: number, counts: Counts])[]) {
  const script = new FactScript();
  const metric = script.start(rolloutsMetric);
  let deployment = told(script, script.deployment('web', 4), { replicas: 4, updated: 4, available: 4 });
  const template = {
    labels: {},
    annotations: {},
    spec: { containers: [] },
  } as unknown as Deployment['spec']['template'];
  script.at(10);
  deployment = script.put('Deployment', {
    ...deployment,
    metadata: metadataWith(deployment.metadata, { generation: deployment.metadata.generation + 1 }),
    spec: { ...deployment.spec, template },
  });
  for (const [seconds, counts] of statuses) deployment = told(script.at(seconds), deployment, counts);
  metric.finish(script.now);
  const [rollouts, progress] = metric.tables();
  return { rollouts: recordsOf(rollouts), progress: recordsOf(progress), figures: metric.figures!() };
}

function told(script: FactScript, deployment: Deployment, { replicas, updated, available }: Counts): Deployment {
  const status = {
    ...deployment.status,
    ...{ replicas, updatedReplicas: updated, availableReplicas: available },
    observedGeneration: deployment.metadata.generation,
  };
  return script.put('Deployment', { ...deployment, status });
}

describe('a rollout', () => {
  test('is told from the new template to the last available pod, with its surge and its dip', () => {
    const { rollouts, progress, figures } = rollOut([
      [11, { replicas: 5, updated: 1, available: 4 }],
      [12, { replicas: 5, updated: 2, available: 3 }],
      [13, { replicas: 4, updated: 4, available: 3 }],
      [14, { replicas: 4, updated: 4, available: 4 }],
      [20, { replicas: 4, updated: 4, available: 2 }],
    ]);
    expect(rollouts).toEqual([
      {
        ...{ namespace: 'default', workload: 'web', rollout: 1, outcome: 'complete' },
        ...{ starts_t_s: 10 * SECOND, ends_t_s: 14 * SECOND, duration_s: 4 * SECOND },
        ...{ desired: 4, surge_max: 1, available_min: 3 },
      },
    ]);
    const counts = progress.map((row) => [row['t_s'], row['old'], row['updated'], row['available']]);
    expect(counts).toEqual([
      [10 * SECOND, 4, 0, 4],
      [11 * SECOND, 4, 1, 4],
      [12 * SECOND, 3, 2, 3],
      [13 * SECOND, 0, 4, 3],
      [14 * SECOND, 0, 4, 4],
    ]);
    expect(figures.get('rollouts.duration.max')).toBe(4 * SECOND);
  });

  test('that hangs stays in progress, and equal statuses are one row', () => {
    const stuck = { replicas: 5, updated: 1, available: 4 };
    const { rollouts, progress, figures } = rollOut([
      [11, stuck],
      [12, stuck],
      [13, stuck],
    ]);
    expect(rollouts[0]).toMatchObject({ outcome: 'in progress', ends_t_s: undefined, duration_s: undefined });
    expect(progress).toHaveLength(2);
    expect([figures.get('rollouts.count'), figures.get('rollouts.complete')]).toEqual([1, 0]);
  });
});
