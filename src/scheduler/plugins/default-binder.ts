import type { Pod } from '../../api/core-v1.ts';
import { bindRequest, isSuccess } from '../../apiserver/requests.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Completion, Plugin } from '../framework/interface.ts';
import { errorStatus } from '../framework/status.ts';

/** Posts the Binding (`pl/defaultbinder/default_binder.go`). */
class DefaultBinder implements Plugin {
  readonly name = 'DefaultBinder';
  private readonly handle: Handle;

  constructor(handle: Handle) {
    this.handle = handle;
  }

  bind(_state: CycleState, pod: Pod, nodeName: string, done: Completion): void {
    this.handle.send(bindRequest(pod, nodeName), (response) =>
      done(isSuccess(response) ? undefined : errorStatus(response.message)),
    );
  }
}

export const defaultBinder = definePlugin({
  name: 'DefaultBinder',
  description: 'binds the pod to its node through the API server',
  create: (_args, handle) => new DefaultBinder(handle),
});
