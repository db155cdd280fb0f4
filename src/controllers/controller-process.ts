/** kube-controller-manager: one process, whose controllers share a watch of each kind and come and go together. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import { Informers } from '../apiserver/informers.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { ControllerDefinition, ControllerEnvironment } from './controller.ts';
import { ControllerRunner } from './runner.ts';

/** Name of the process and of its watches. */
const processName = 'kube-controller-manager';

/** Controllers at work; they hear of a change in the order in which they are given. */
export class ControllerProcess {
  private readonly informers: Informers;
  /** In the order in which they are given. */
  readonly runners: readonly ControllerRunner[];

  constructor(definitions: readonly ControllerDefinition[], server: ApiServer, environment: ControllerEnvironment) {
    this.informers = new Informers(server, processName, EventPhase.apiserver);
    this.runners = definitions.map(
      (definition) => new ControllerRunner(definition, server, this.informers, environment),
    );
  }

  /** Shows the controllers what is there already, and begins their own timers. */
  start(): void {
    this.informers.tellExisting();
    for (const runner of this.runners) runner.start();
  }

  /** The process is gone: watches, timers, queues and requests on their way with it. */
  stop(): void {
    this.informers.close();
    for (const runner of this.runners) runner.stop();
  }
}
