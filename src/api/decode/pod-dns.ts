/** How a pod finds names (`pkg/apis/core/validation` validateDNSPolicy, validatePodDNSConfig). */
import { ipProblem } from '../ip.ts';
import { searchPathProblem } from '../names.ts';
import type { FieldReader } from './field-reader.ts';

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'] as const;

/** Reports a policy that is none and a configuration that no resolver can have. */
export function checkResolver(spec: FieldReader): void {
  const policy = spec.choice('dnsPolicy', dnsPolicies, 'ClusterFirst');
  const config = spec.object('dnsConfig');
  const at = spec.at.field('dnsConfig');
  if (policy === 'None' && config === undefined) at.required('must provide `dnsConfig` when `dnsPolicy` is None');
  else if (policy === 'None' && config!.list('nameservers').length === 0)
    at.field('nameservers').required('must provide at least one DNS nameserver when `dnsPolicy` is None');
  else if (config !== undefined) checkConfig(config);
}

function checkConfig(config: FieldReader): void {
  const list = config.at.field('nameservers');
  const servers = config.texts('nameservers');
  if (servers.length > 3) list.invalidParts(servers, 'must not have more than 3 nameservers');
  for (const [index, server] of servers.entries()) {
    const problem = ipProblem(server);
    if (problem !== undefined) list.index(index).invalid(server, problem);
  }
  checkSearches(config);
  for (const option of config.objects('options'))
    if (option.text('name') === '') option.at.required('must not be empty');
}

const searchLengthMax = 2048;

function checkSearches(config: FieldReader): void {
  const list = config.at.field('searches');
  const searches = config.texts('searches');
  if (searches.length > 32) list.invalidParts(searches, 'must not have more than 32 search paths');
  if (searches.join(' ').length > searchLengthMax)
    list.invalidParts(
      searches,
      `must not have more than ${searchLengthMax} characters (including spaces) in the search list`,
    );
  for (const [index, search] of searches.entries()) {
    const path = search.endsWith('.') ? search.slice(0, -1) : search;
    const problem = search === '.' ? undefined : searchPathProblem(path);
    if (problem !== undefined) list.index(index).invalid(path, problem);
  }
}
