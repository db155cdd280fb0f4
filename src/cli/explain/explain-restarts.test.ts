import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandFolder } from '../../testing/command-folder.ts';

let folder: CommandFolder;

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 20
      containers:
        - name: c
          image: web:1
          resources: { requests: { cpu: 100m } }
          readinessProbe: { httpGet: { port: 80 }, periodSeconds: 5 }
          livenessProbe: { httpGet: { port: 80 }, periodSeconds: 10 }
`;
const scenario = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: hang }
spec:
  seed: '7'
  horizon: 12m
  cluster:
    nodePools: [{ name: general, count: 2, capacity: { cpu: '4', memory: 8Gi, pods: '20' } }]
  workload: [{ manifests: [web.yaml] }]
  faults:
    - containerHang: { at: 5m, duration: 5m, selector: { matchLabels: { app: web } }, mode: all }
`;

beforeAll(async () => {
  folder = new CommandFolder({ 'web.yaml': web, 'hang.yaml': scenario });
  expect((await folder.orrery('run', '-f', 'hang.yaml', '--no-charts', '--no-report', '-q')).code).toBe(0);
});
afterAll(() => {
  folder.remove();
});

test('containers that hang: the kills by the liveness probe and the new starts are steps', async () => {
  const { out } = await folder.orrery('explain', 'workload', 'web', '--run', 'results/hang/7');
  const steps = out.slice(out.indexOf('Step by step')).replaceAll(/\s+/g, ' ');
  const inOrder = [
    'fault containerHang',
    'not ready',
    'kubelet: the last of 2 containers killed (Container c failed liveness probe, will be restarted)',
    'kubelet: the last of 2 containers started again',
    'is ready again',
  ].map((part) => steps.indexOf(part));
  expect(inOrder.every((at, index) => at > (inOrder[index - 1] ?? -1))).toBe(true);
});
