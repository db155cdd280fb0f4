/** The processes of the control plane that elect a leader, as what leads: ended and begun anew, they know what they list. */
import type { ApiServer } from './apiserver/apiserver.ts';
import type { ControllerDefinition, ControllerEnvironment } from './controllers/controller.ts';
import { ControllerProcess } from './controllers/controller-process.ts';
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

/** kube-controller-manager. */
export class ElectedControllers implements ElectedProcess {
  private readonly make: () => ControllerProcess;
  private current: ControllerProcess;
  private isStopped = false;

  constructor(definitions: readonly ControllerDefinition[], server: ApiServer, environment: ControllerEnvironment) {
    this.make = () => new ControllerProcess(definitions, server, environment);
    this.current = this.make();
  }

  start(): void {
    if (this.isStopped) this.current = this.make();
    this.isStopped = false;
    this.current.start();
  }

  stop(): void {
    this.current.stop();
    this.isStopped = true;
  }
}
