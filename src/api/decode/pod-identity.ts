/** How a pod is called and calls others (`pkg/apis/core/validation` ValidatePodSpec, validatePodDNSConfig). */
import { dnsLabelProblem } from '../names.ts';
import type { FieldReader } from './field-reader.ts';

/** Reports a host name, subdomain, resolver, operating system or shared process space that no pod may have. */
export function checkPodIdentity(spec: FieldReader): void {
  for (const field of ['hostname', 'subdomain']) {
    const name = spec.text(field);
    const problem = name === '' ? undefined : dnsLabelProblem(name);
    const detail = field === 'subdomain' && name.includes('.') ? 'must not contain dots' : problem;
    if (detail !== undefined) spec.at.field(field).invalid(name, detail);
  }
  checkResolver(spec);
  const os = spec.object('os');
  const osName = os?.requiredText('name') ?? '';
  if (osName !== '' && osName !== 'linux' && osName !== 'windows') os?.at.notSupported(osName, ['linux', 'windows']);
  if (spec.boolean('shareProcessNamespace') && spec.boolean('hostPID'))
    spec.at.field('shareProcessNamespace').invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled');
}

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'] as const;

function checkResolver(spec: FieldReader): void {
  const policy = spec.choice('dnsPolicy', dnsPolicies, 'ClusterFirst');
  const config = spec.object('dnsConfig');
  const servers = config?.texts('nameservers') ?? [];
  const at = spec.at.field('dnsConfig');
  if (policy === 'None' && config === undefined) at.required('must provide `dnsConfig` when `dnsPolicy` is None');
  else if (policy === 'None' && servers.length === 0)
    at.field('nameservers').required('must provide at least one DNS nameserver when `dnsPolicy` is None');
  if (servers.length > 3) at.field('nameservers').invalid(servers, 'must not have more than 3 nameservers');
  if ((config?.texts('searches') ?? []).length > 32)
    at.field('searches').invalid(config?.value('searches'), 'must not have more than 32 search paths');
  for (const option of config?.objects('options') ?? [])
    if (option.text('name') === '') option.at.required('must not be empty');
}
