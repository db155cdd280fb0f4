import { describe, expect, it } from 'vitest';
import { SchedulerFixture } from '../testing/scheduler-fixture.ts';
import { findRefusal, refusalMessage } from './refusals.ts';

const fixture = new SchedulerFixture();
const missing = fixture.configuration.profiles[0]!.notModelledPlugins;
const spread = { maxSkew: 1, topologyKey: 'zone', labelSelector: {} };
const term = { topologyKey: 'zone', labelSelector: {} };

describe('refusals of pods by name', () => {
  it.each([
    [{}, undefined],
    [{ nodeSelector: { a: 'b' } }, undefined],
    [{ volumes: [{ name: 'v', emptyDir: {} }] }, undefined],
    [{ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }, undefined],
    [{ volumes: [{ name: 'v', ephemeral: {} }] }, undefined],
    [{ volumes: [{ name: 'v', iscsi: {} }] }, undefined],
    [{ resourceClaims: [{ name: 'gpu' }] }, 'DynamicResources'],
    [{ topologySpreadConstraints: [{ ...spread, whenUnsatisfiable: 'DoNotSchedule' }] }, undefined],
    [{ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }, undefined],
  ])('of %j: %s', (spec, plugin) => {
    const refusal = findRefusal(fixture.pod(spec), missing);
    expect(refusal?.plugin).toBe(plugin);
    if (refusal !== undefined) expect(refusalMessage(refusal)).toContain(`needs the plugin ${plugin};`);
  });

  it('are none where the profile misses nothing', () => {
    expect(findRefusal(fixture.pod({ volumes: [{ name: 'v', ephemeral: {} }] }), new Set())).toBeUndefined();
  });
});
