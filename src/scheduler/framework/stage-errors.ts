/** What goes wrong at the stages of a cycle, in upstream's words. */
import { Code, Status, isRejected } from './status.ts';
import type { StatusSigner } from './status.ts';

/** A stage failed at one plugin. */
export function stageError(what: string, plugin: string, status: Status): Status {
  return new Status(Code.error, [`${what}: ${status.message}`], plugin);
}

/** A what-if could not tell a plugin of a pod. */
export function preFilterExtensionError(method: string, plugin: string, status: Status): Status {
  return stageError(`running ${method} on PreFilter plugin "${plugin}"`, plugin, status);
}

/** What a step of the binding came to: a refusal, signed, or a failure. */
export function bindingStatus(point: 'PreBind' | 'Bind', plugin: string, signer: StatusSigner, status: Status): Status {
  if (isRejected(status)) return signer.sign(status);
  return stageError(`running ${point} plugin "${plugin}"`, plugin, status);
}
