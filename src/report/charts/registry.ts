import type { Chart } from '../define-chart.ts';
import { arrivedLoad } from './arrived-load.ts';
import { clusterTimeline } from './cluster-timeline.ts';
import { disruptions } from './disruptions.ts';
import { gpuFragmentation } from './gpu-fragmentation.ts';
import { nodeOccupancy } from './node-occupancy.ts';
import { pendingTime } from './pending-time.ts';
import { podWaterfall } from './pod-waterfall.ts';
import { podsByPhase } from './pods-by-phase.ts';
import { recoveryWaterfall } from './recovery-waterfall.ts';
import { rolloutProgress } from './rollout-progress.ts';
import { utilisation } from './utilisation.ts';
import { workloadAvailability } from './workload-availability.ts';
import { zoneStates } from './zone-states.ts';

/** All charts, in the order in which they are listed. */
export const charts: readonly Chart[] = [
  clusterTimeline,
  podsByPhase,
  workloadAvailability,
  recoveryWaterfall,
  zoneStates,
  disruptions,
  rolloutProgress,
  pendingTime,
  podWaterfall,
  utilisation,
  nodeOccupancy,
  gpuFragmentation,
  arrivedLoad,
];
