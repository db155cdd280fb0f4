/** Whether containers are started again (upstream `pkg/api/v1/pod/util.go`, `pkg/kubelet/container/helpers.go`). */
import type { Container, ContainerRestartRule, PodSpec } from './core-v1.ts';

/** The first rule of the container that its exit code matches. */
export function matchingRule(container: Container, exitCode: number): ContainerRestartRule | undefined {
  return container.restartPolicyRules?.find(
    ({ operator, exitCodes }) => exitCodes.includes(exitCode) === (operator === 'In'),
  );
}

/** Whether a regular container that ended with this code is started again. */
export function restartsAfter(container: Container, spec: PodSpec, exitCode: number): boolean {
  if (matchingRule(container, exitCode) !== undefined) return true;
  const policy = container.restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Whether an init container that is no sidecar is tried again: never after success, whatever the policy. */
export function retriesInit(container: Container, spec: PodSpec, exitCode: number): boolean {
  return exitCode !== 0 && restartsAfter(container, spec, exitCode);
}
