import { describe, expect, test } from 'vitest';
import { readSchedulerConfiguration } from './configuration.ts';
import { definePlugin, pluginRegistry } from './framework/define-plugin.ts';
import { inTreePlugins } from './plugins/registry.ts';
import { policyProfile, policyProfileNames } from './policy-profiles.ts';
import { profileProblems } from './profile-problems.ts';

const mine = definePlugin({ name: 'MyPolicy', create: () => ({ name: 'MyPolicy', score: () => 7 }) as never });
const registry = pluginRegistry(inTreePlugins, [mine]);
const read = (name: string) => readSchedulerConfiguration(policyProfile(name, registry), registry);

describe('a profile by name', () => {
  test.each(['default', 'least-allocated', 'most-allocated', 'requested-to-capacity-ratio', 'my-policy'])(
    '%s is a configuration without fault',
    (name) => {
      const { configuration, problems } = read(name);
      expect(problems).toEqual([]);
      expect(profileProblems(configuration, registry)).toEqual([]);
    },
  );

  test('default is kube-scheduler without a file', () => {
    expect(read('default').configuration).toEqual(readSchedulerConfiguration(undefined, registry).configuration);
    expect(read('least-allocated').configuration).toEqual(read('default').configuration);
  });

  test('a plugin of the registry scores alone in the profile of its name', () => {
    const { plugins } = read('my-policy').configuration.profiles[0]!;
    expect(plugins.get('score')).toEqual({ enabled: [{ name: 'MyPolicy', weight: 0 }], disabled: ['*'] });
    expect(policyProfileNames(registry)).toContain('my-policy');
  });

  test.each(['default', 'most-allocated', 'best-fit', 'dot-product', 'my-policy'])(
    '%s gives shares of GPUs where pods ask for them',
    (name) => {
      const { configuration, problems } = readSchedulerConfiguration(policyProfile(name, registry, true), registry);
      expect(problems).toEqual([]);
      expect(profileProblems(configuration, registry)).toEqual([]);
      const { plugins, args } = configuration.profiles[0]!;
      const enabled = plugins.get('multiPoint')!.enabled.map((plugin) => plugin.name);
      expect(enabled).toContain('GpuShare');
      const scored = (args.get('BestFit') as { resources: { name: string }[] } | undefined)?.resources;
      if (name === 'best-fit') expect(scored!.map((entry) => entry.name)).toContain('alibabacloud.com/gpu-milli');
    },
  );

  test('nothing is called so', () => expect(policyProfile('MyPolicy', registry)).toBeUndefined());
});
