import { expect, test } from 'vitest';
import { FactScript } from '../testing/fact-script.ts';
import { PodDirectory } from './pod-directory.ts';

test('pods have rows in the order of creation, and keep them when they are gone', () => {
  const script = new FactScript();
  const directory = new PodDirectory();
  script.recorder.observe(directory);
  script.replicaSet('web', 2);
  const [a, b] = [script.pod('a'), script.pod('b')];
  script.bind(a, 'n1');
  script.remove('Pod', a);
  script.pod('a');
  expect(directory.count).toBe(3);
  const rows = [0, 1, 2].map((row) => [directory.namespaceAt(row), directory.nameAt(row), directory.uidAt(row)]);
  expect(rows.map(([namespace, name]) => `${namespace}/${name}`)).toEqual(['default/a', 'default/b', 'default/a']);
  expect(rows.slice(0, 2).map(([, , uid]) => uid)).toEqual([a.metadata.uid, b.metadata.uid]);
  expect(rows.map(([, , uid]) => directory.rowOf(uid as number))).toEqual([0, 1, 2]);
  expect([directory.rowOf(1000), directory.rowOf(0)]).toEqual([-1, -1]);
});
