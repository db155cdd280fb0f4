/** Ports of the node that pods take (upstream `ks/framework/types.go` HostPortInfo). */
import type { Container, PodSpec } from '../../api/core-v1.ts';

/** A port of the node that a pod takes. Made by `hostPort`, which prepares the keys, so that a look-up makes no text. */
export interface HostPort {
  /** `0.0.0.0` where the manifest names none. */
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
  /** Equal for equal ports. */
  readonly key: string;
  /** The key of the same port at 0.0.0.0. */
  readonly anyIpKey: string;
}

/** The only wildcard: `::` is an address as any other, as upstream. */
export const anyIp = '0.0.0.0';

/** @param ip empty = 0.0.0.0. */
export function hostPort(ip: string, protocol: string, port: number): HostPort {
  const address = ip === '' ? anyIp : ip;
  const place = `${protocol}/${port}`;
  return { ip: address, protocol, port, key: `${place}/${address}`, anyIpKey: `${place}/${anyIp}` };
}

/** Host ports of sidecars and containers; those of ordinary init containers do not count. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...spec.containers].flatMap(portsOf);
}

function portsOf({ ports }: Container): HostPort[] {
  return ports.filter((port) => port.hostPort > 0).map((port) => hostPort(port.hostIP, port.protocol, port.hostPort));
}

/** Whether two pods with these ports cannot share a node. */
export function doPortsConflict(a: HostPort, b: HostPort): boolean {
  if (a.protocol !== b.protocol || a.port !== b.port) return false;
  return a.ip === b.ip || a.ip === anyIp || b.ip === anyIp;
}

/** The ports in use on one node. A set, as upstream: removing one of two equal users frees the port. */
export class UsedPorts {
  private readonly ports = new Map<string, HostPort>();

  get size(): number {
    return this.ports.size;
  }

  add(port: HostPort): void {
    this.ports.set(port.key, port);
  }

  remove(port: HostPort): void {
    this.ports.delete(port.key);
  }

  conflictsWith(wanted: HostPort): boolean {
    if (this.ports.size === 0) return false;
    if (this.ports.has(wanted.anyIpKey) || this.ports.has(wanted.key)) return true;
    if (wanted.ip !== anyIp) return false;
    for (const port of this.ports.values()) if (doPortsConflict(wanted, port)) return true;
    return false;
  }

  clone(): UsedPorts {
    const copy = new UsedPorts();
    for (const [key, port] of this.ports) copy.ports.set(key, port);
    return copy;
  }
}
