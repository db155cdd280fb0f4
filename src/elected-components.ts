/** The processes of the control plane that elect a leader, as what leads: ended and begun anew, they know what they list. */
import type { ApiServer } from './apiserver/apiserver.ts';
import type { ControllerDefinition, ControllerEnvironment } from './controllers/controller.ts';
import { ControllerRunner } from './controllers/runner.ts';
import type { ElectedProcess } from './faults/leader-election.ts';
import type { SchedulerComponentOptions } from './scheduler/scheduler.ts';
import { Scheduler } from './scheduler/scheduler.ts';

/** kube-scheduler. */
export class ElectedScheduler implements ElectedProcess {
  private readonly options: SchedulerComponentOptions;
  private current: Scheduler;
  private isStopped = false;
  /** Evaluations by those that have led before. */
  private past: Evaluations = [];

  constructor(options: SchedulerComponentOptions) {
    this.options = options;
    this.current = new Scheduler(options);
  }

  /** The one that leads, or led last. */
  get scheduler(): Scheduler {
    return this.current;
  }

  start(): void {
    if (this.isStopped) this.replace();
    this.current.start();
  }

  stop(): void {
    this.current.stop();
    this.isStopped = true;
  }

  /** How often plugins were asked, by all that have led. */
  evaluations(): Evaluations {
    return sumOf([...this.past, ...this.current.evaluations()]);
  }

  private replace(): void {
    const { observer } = this.current;
    this.past = this.evaluations();
    this.current = new Scheduler(this.options);
    if (observer !== undefined) this.current.observe(observer);
    this.isStopped = false;
  }
}

type Evaluations = ReturnType<Scheduler['evaluations']>;

function sumOf(entries: Evaluations): Evaluations {
  const sums = new Map<string, Evaluations[number]>();
  for (const entry of entries) {
    const key = `${entry.profile} ${entry.plugin} ${entry.point}`;
    sums.set(key, { ...entry, count: entry.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}

/** kube-controller-manager: its controllers come and go together. */
export class ElectedControllers implements ElectedProcess {
  private readonly makeRunners: () => readonly ControllerRunner[];
  private runners: readonly ControllerRunner[];
  private isStopped = false;

  constructor(definitions: readonly ControllerDefinition[], server: ApiServer, environment: ControllerEnvironment) {
    this.makeRunners = () => definitions.map((definition) => new ControllerRunner(definition, server, environment));
    this.runners = this.makeRunners();
  }

  start(): void {
    if (this.isStopped) this.runners = this.makeRunners();
    this.isStopped = false;
    for (const runner of this.runners) runner.start();
  }

  stop(): void {
    for (const runner of this.runners) runner.stop();
    this.isStopped = true;
  }
}
