import { expect, test } from 'vitest';
import { makeApi, makeCustom } from '../testing/api-harness.ts';
import { countInertKinds } from './inert-kinds.ts';

test('stored objects on which no controller acts are counted by kind and version', () => {
  const { server } = makeApi();
  expect(countInertKinds(server.state)).toEqual([]);
  const objects = [
    makeCustom('v1', 'Secret', 'a'),
    makeCustom('v1', 'ConfigMap', 'a'),
    makeCustom('v1', 'ConfigMap', 'b'),
    makeCustom('v1', 'ConfigMap', 'a', 'default'),
  ];
  for (const object of objects) server.install('Custom', object);
  expect(countInertKinds(server.state)).toEqual([
    { kind: 'ConfigMap v1', count: 3 },
    { kind: 'Secret v1', count: 1 },
  ]);
});
