/** A scenario of the swarm in a cluster whose nodes have GPUs and whose pods share them. */
import type { Manifest } from './arbitrary-objects.ts';
import type { SwarmScenario } from './arbitrary-scenario.ts';

/** What pods ask for, manifest by manifest: count and thousandths. */
const asks = [
  ['1', '300'],
  ['2', '1000'],
  ['1', '450'],
  ['1', '1000'],
] as const;

/** Three GPUs on each node; Deployments, Jobs and pods ask for parts of one, one, or two. */
export function withGpus({ scenario, manifests }: SwarmScenario): SwarmScenario {
  const spec = scenario['spec'] as Manifest;
  const { nodePools } = spec['cluster'] as { readonly nodePools: readonly Manifest[] };
  const pools = nodePools.map((pool) => ({
    ...pool,
    capacity: { ...(pool['capacity'] as Manifest), 'alibabacloud.com/gpu-count': '3' },
  }));
  return {
    scenario: {
      ...scenario,
      spec: {
        ...spec,
        cluster: { nodePools: pools },
        scheduler: { ...(spec['scheduler'] as Manifest), config: 'kube-scheduler.yaml' },
      },
    },
    manifests: manifests.map(asking),
  };
}

function asking(manifest: Manifest, at: number): Manifest {
  if (manifest['kind'] === 'Pod') return { ...manifest, metadata: annotated(manifest['metadata'], at) };
  const spec = manifest['spec'] as Manifest;
  const template = spec['template'] as Manifest | undefined;
  if (template === undefined) return manifest;
  return { ...manifest, spec: { ...spec, template: { ...template, metadata: annotated(template['metadata'], at) } } };
}

function annotated(metadata: unknown, at: number): Manifest {
  const [count, milli] = asks[at % asks.length]!;
  const annotations = { 'alibabacloud.com/gpu-count': count, 'alibabacloud.com/gpu-milli': milli };
  return { ...(metadata as Manifest), annotations };
}

/** The default profile with shared GPUs: what `kube-scheduler.yaml` holds. */
export const gpuConfiguration: Manifest = {
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'GpuShare' }, { name: 'GpuPacking' }] } } }],
};
