/** Ports of the node that pods take (upstream `ks/framework/types.go` HostPortInfo). */
import type { PodSpec } from '../../api/core-v1.ts';

export interface HostPort {
  /** `0.0.0.0` where the manifest names none. */
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

export const anyIp = '0.0.0.0';

/** Host ports of containers and sidecars; those of ordinary init containers do not count. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  const ports: HostPort[] = [];
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const container of [...sidecars, ...spec.containers]) {
    for (const { hostIP, hostPort, protocol } of container.ports) {
      if (hostPort > 0) ports.push({ ip: hostIP === '' ? anyIp : hostIP, protocol, port: hostPort });
    }
  }
  return ports;
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
    this.ports.set(portKey(port), port);
  }

  remove(port: HostPort): void {
    this.ports.delete(portKey(port));
  }

  conflictsWith(wanted: HostPort): boolean {
    if (this.ports.size === 0) return false;
    if (wanted.ip !== anyIp)
      return this.ports.has(portKey(wanted)) || this.ports.has(portKey({ ...wanted, ip: anyIp }));
    for (const port of this.ports.values()) if (doPortsConflict(wanted, port)) return true;
    return false;
  }

  clone(): UsedPorts {
    const copy = new UsedPorts();
    for (const [key, port] of this.ports) copy.ports.set(key, port);
    return copy;
  }
}

function portKey({ ip, protocol, port }: HostPort): string {
  return `${protocol}/${port}/${ip}`;
}
