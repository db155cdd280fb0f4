/** The workload of a run: what a user does at given times, and what the generators submit. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import { EventPhase } from '../record/event-phases.ts';
import { GeneratedLoad } from './generated-load.ts';
import type { GeneratorSpec } from './generator-spec.ts';
import type { TimedUserAction } from './user-action.ts';
import { UserClient } from './user-client.ts';

/** One user, who sends all of it without a rate limit. */
export class Workload {
  private readonly user: UserClient;
  private readonly load: GeneratedLoad;

  constructor(server: ApiServer, actions: readonly TimedUserAction[], generators: readonly GeneratorSpec[]) {
    const client = server.client({ name: 'user', phase: EventPhase.input, queriesPerSecond: 0, burst: 0 });
    this.user = new UserClient(server, client, actions);
    this.load = new GeneratedLoad(server, client, generators);
  }

  /** Posts the first action and the first arrivals; called once, before time starts. */
  start(): void {
    this.user.start();
    this.load.start();
  }
}
