/** For `--verify`: what is remembered of a node must be what filters say when they are asked anew. */
import type { Pod } from '../../api/core-v1.ts';
import { assertRemembered } from '../../util/assert.ts';
import type { NodeInfo } from './node-info.ts';
import { codeOf, isSuccess } from './status.ts';
import type { Status } from './status.ts';

/** Stops the run where the two differ. */
export function checkVerdict(known: Status | undefined, now: Status | undefined, pod: Pod, node: NodeInfo): void {
  const textOf = (status: Status | undefined): string =>
    isSuccess(status) ? 'it fits' : `${status!.plugin}: ${status!.message}`;
  const isSame = textOf(known) === textOf(now) && codeOf(known) === codeOf(now);
  const { namespace, name } = pod.metadata;
  assertRemembered(
    isSame,
    `--verify: what is remembered of node ${node.name} for pod ${namespace}/${name} is "${textOf(known)}", asked anew it is ` +
      `"${textOf(now)}": a plugin that says isNodeLocal looks at more`,
  );
}
