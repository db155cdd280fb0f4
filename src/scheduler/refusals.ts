/** Pods that ask for what no plugin of the profile knows. They stay Pending with a reason; they are never placed blindly. */
import type { Pod } from '../api/core-v1.ts';
import { sortedLabels } from '../api/labels.ts';

/** A need of pods that only one plugin knows how to meet. */
export interface Refusal {
  /** The upstream plugin that would be needed. */
  readonly plugin: string;
  /** What the pod asks for, for the message. */
  readonly need: string;
  readonly needs: (pod: Pod) => boolean;
}

const exclusiveSources: ReadonlySet<string> = new Set(['gcePersistentDisk', 'awsElasticBlockStore', 'iscsi', 'rbd']);

/** One entry per plugin without which some pods cannot be decided. An entry rests as soon as its plugin is in the registry. */
export const refusals: readonly Refusal[] = [
  {
    plugin: 'VolumeBinding',
    need: 'persistent volume claims',
    needs: ({ spec }) =>
      spec.volumes.some(({ source }) => source === 'persistentVolumeClaim' || source === 'ephemeral'),
  },
  {
    plugin: 'VolumeRestrictions',
    need: 'disks that at most one pod may write to',
    needs: ({ spec }) => spec.volumes.some(({ source }) => exclusiveSources.has(source)),
  },
  {
    plugin: 'PodTopologySpread',
    need: 'topology spread constraints with DoNotSchedule',
    needs: ({ spec }) => spec.topologySpreadConstraints.some((entry) => entry.whenUnsatisfiable === 'DoNotSchedule'),
  },
  {
    plugin: 'InterPodAffinity',
    need: 'required pod affinity or anti-affinity',
    needs: ({ spec: { affinity } }) =>
      (affinity?.podAffinity?.required.length ?? 0) > 0 || (affinity?.podAntiAffinity?.required.length ?? 0) > 0,
  },
  {
    plugin: 'NodeAffinity',
    need: 'node selectors or required node affinity',
    needs: ({ spec }) =>
      spec.affinity?.nodeAffinity?.required !== undefined || sortedLabels(spec.nodeSelector).length > 0,
  },
  {
    plugin: 'NodePorts',
    need: 'host ports',
    needs: ({ spec }) =>
      [...spec.containers, ...spec.initContainers].some(({ ports }) => ports.some(({ hostPort }) => hostPort > 0)),
  },
];

/**
 * The first need of the pod that cannot be met.
 *
 * @param notModelled names of upstream plugins that are missing in the registry.
 */
export function findRefusal(pod: Pod, notModelled: ReadonlySet<string>): Refusal | undefined {
  if (notModelled.size === 0) return undefined;
  return refusals.find(({ plugin, needs }) => notModelled.has(plugin) && needs(pod));
}

/** What the condition of a refused pod says. */
export function refusalMessage({ plugin, need }: Refusal): string {
  return `pod uses ${need}, which needs the plugin ${plugin}; this version of the simulator does not have it`;
}
