/** All checks. Adding one: its file, its test and one line here. */
import type { ClusterState } from '../apiserver/cluster-state.ts';
import type { Recorder } from '../record/recorder.ts';
import { boundOnceCheck } from './bound-once.ts';
import type { Check, CheckDefinition, Violation } from './check.ts';
import { deviceAccountingCheck } from './device-accounting.ts';
import { finishedJobsCheck } from './finished-jobs.ts';
import { nodeAccountingCheck } from './node-accounting.ts';
import { podConservationCheck } from './pod-conservation.ts';
import { podPhasesCheck } from './pod-phases.ts';
import { preemptionVictimsCheck } from './preemption-victims.ts';
import { resourceVersionsCheck } from './resource-versions.ts';
import { timeCheck } from './time.ts';
import { uniqueUidsCheck } from './unique-uids.ts';

/** The order in which violations of one instant are told. */
export const checks: readonly CheckDefinition[] = [
  timeCheck,
  resourceVersionsCheck,
  uniqueUidsCheck,
  podConservationCheck,
  podPhasesCheck,
  boundOnceCheck,
  nodeAccountingCheck,
  deviceAccountingCheck,
  preemptionVictimsCheck,
  finishedJobsCheck,
];

const violationsMax = 100;

/** The checks of one run. */
export class CheckSet {
  private readonly members: readonly Check[];
  private readonly found: Violation[] = [];
  private foundCount = 0;

  constructor(engineNow: () => number, definitions: readonly CheckDefinition[] = checks) {
    this.members = definitions.map((definition) => {
      const report = (subject: string, message: string): void =>
        this.add({ check: definition.name, time: engineNow(), subject, message });
      return definition.create(report, engineNow);
    });
  }

  /** Has the checks listen; to be called before the first object is committed. */
  observe(recorder: Recorder): void {
    for (const check of this.members) recorder.observe(check);
  }

  /** The first 100 violations so far. */
  get violations(): readonly Violation[] {
    return this.found;
  }

  /** How many there were, those beyond the first 100 included. */
  get violationCount(): number {
    return this.foundCount;
  }

  /** Has every check look at the state: costs a walk over all pods. Gives all violations so far. */
  verify(state: ClusterState): readonly Violation[] {
    for (const check of this.members) check.verify?.(state);
    return this.found;
  }

  private add(violation: Violation): void {
    this.foundCount++;
    if (this.found.length < violationsMax) this.found.push(violation);
  }
}
