/** IP addresses in manifests (upstream `apimachinery/pkg/util/validation/ip.go` parseIP, `k8s.io/utils/net` ParseIPSloppy). */

/** What is wrong with an address of a field that is as old as Kubernetes; undefined when nothing is. */
export function ipProblem(text: string): string | undefined {
  const parts = partsOf(text);
  if (parts === undefined) return 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  if (parts.hasLeadingZeros) return 'must not have leading 0s';
  return parts.isMapped ? 'must not be an IPv4-mapped IPv6 address' : undefined;
}

interface AddressParts {
  /** Read as decimal here, as octal by others: refused since 1.36. */
  readonly hasLeadingZeros: boolean;
  /** An IPv4 address written as one of IPv6. */
  readonly isMapped: boolean;
}

function partsOf(text: string): AddressParts | undefined {
  return text.includes(':') ? version6(text) : version4(text);
}

function version4(text: string): AddressParts | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every(isOctet)) return undefined;
  return { hasLeadingZeros: octets.some((octet) => octet.length > 1 && octet.startsWith('0')), isMapped: false };
}

function isOctet(text: string): boolean {
  return text !== '' && [...text].every((digit) => digit >= '0' && digit <= '9') && Number(text) <= 255;
}

/** Eight groups; `::` stands once for one or more groups of zeros, an IPv4 address at the end for two groups. */
function version6(text: string): AddressParts | undefined {
  const tailAt = text.lastIndexOf(':') + 1;
  const tail = text.includes('.') ? version4(text.slice(tailAt)) : undefined;
  const [front, back, ...others] = (tail === undefined ? text : `${text.slice(0, tailAt)}0:0`)
    .split('::')
    .map(groupsOf);
  const written = [...front!, ...(back ?? [])];
  if (others.length > 0 || !written.every(isGroup)) return undefined;
  if (back === undefined ? written.length !== 8 : written.length > 7) return undefined;
  const zeros = new Array<string>(8 - written.length).fill('0');
  const values = [...front!, ...zeros, ...(back ?? [])].map((group) => Number.parseInt(group, 16));
  return {
    hasLeadingZeros: tail?.hasLeadingZeros === true || written.some((group) => group.length > 4),
    isMapped: values.slice(0, 6).join() === '0,0,0,0,0,65535',
  };
}

function groupsOf(half: string): readonly string[] {
  return half === '' ? [] : half.split(':');
}

function isGroup(text: string): boolean {
  const isHex = text !== '' && [...text].every((digit) => hexDigits.includes(digit));
  return isHex && Number.parseInt(text, 16) <= 0xffff;
}

const hexDigits = '0123456789abcdefABCDEF';
