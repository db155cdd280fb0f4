/** What probes tell of their attempts: calls to the runtime, and events. */
import type { Container, Probe } from '../api/core-v1.ts';
import { notRunningCode } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import { timedOut } from './probe-target.ts';
import type { ProbeAnswer, ProbeKind, ProbeWorker } from './probe-worker.ts';

/** How often a command is tried in a container that does not run (`prober.go` maxProbeRetries). */
const probeAttempts = 3;

/** Tells attempts, where somebody listens. */
export class ProbeTeller {
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.events = events;
  }

  /** A command in a container that has ended, which the status does not say yet: it is tried three times, and counts for nothing. */
  failToAsk(worker: PodWorker, row: number, { kind, probe }: ProbeWorker, wasStarted: boolean): void {
    const { table, engine } = this.workers;
    const age = worker.node.secondsAt(engine.now) - table.state[row]!.startedAt;
    if (probe.command === undefined || wasStarted === (kind === 'startup') || age < probe.initialDelaySeconds) return;
    for (let attempt = 0; attempt < probeAttempts; attempt++) {
      this.workers.tellCall(worker, row, 'ExecSync', probe.command, notRunningCode);
    }
    const error = 'rpc error: code = Unknown desc = failed to exec in container: container is not running';
    this.tellUnhealthy(worker, row, kind, `errored and resulted in unknown state: ${error}`);
  }

  /** An attempt has found something; a failure has an event too. */
  answered(worker: PodWorker, row: number, { kind, probe, askedAt }: ProbeWorker, answer: ProbeAnswer): void {
    const { code, isSuccess } = answer;
    this.workers.tellCall(worker, row, 'ExecSync', probe.command ?? kind, code, askedAt);
    if (isSuccess) return;
    this.tellUnhealthy(worker, row, kind, `failed: ${failureText(probe, code)}`);
  }

  private tellUnhealthy(worker: PodWorker, row: number, kind: ProbeKind, what: string): void {
    if (!this.events.areWanted) return;
    const { name }: Container = worker.container(row);
    const message = `${kind[0]!.toUpperCase()}${kind.slice(1)} probe ${what}`;
    this.events.pod(this.workers.podOf(worker), 'Warning', 'Unhealthy', message, name);
  }
}

/** What kubectl shows of a failure: the output of a command, of which scripts say nothing, or that nobody listens. */
function failureText(probe: Probe, code: number): string {
  if (code === timedOut) return timeoutText(probe);
  return probe.command === undefined ? 'connect: connection refused' : 'bad';
}

/** A command is stopped by the runtime; what goes over the network is given up by the kubelet, whose addresses are not modelled. */
function timeoutText({ command, timeoutSeconds }: Probe): string {
  if (command === undefined) return 'context deadline exceeded';
  return `command timed out: "${command}" timed out after ${timeoutSeconds}s`;
}
