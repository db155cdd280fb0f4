import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pluginConformance } from '../conformance/plugin-conformance.ts';
import { notModelledPlugins } from './default-profiles.ts';
import { inTreePlugins } from './registry.ts';

describe.each(inTreePlugins.map((definition) => [definition.name, definition] as const))('%s', (name, definition) => {
  it('has a description, and no other plugin has its name', () => {
    expect(definition.description).toMatch(/^[a-z].*[^.]$/);
    expect(inTreePlugins.filter((other) => other.name === name)).toHaveLength(1);
    expect(notModelledPlugins).not.toContain(name);
  });

  it('conforms in clusters of any number', () => {
    expect(pluginConformance(definition)).toEqual([]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (firstWorld) => {
        expect(pluginConformance(definition, { firstWorld, worlds: 10 })).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });
});
