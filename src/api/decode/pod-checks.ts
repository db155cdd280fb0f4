/** What the parts of a pod say of each other: names of ports, ports of the host, volumes and their mounts. */
import type { Container } from '../core-v1.ts';
import { dnsLabelProblem, portNameProblems } from '../names.ts';
import type { FieldPosition } from './field-position.ts';
import type { FieldReader } from './field-reader.ts';

/** Names of the ports of one container: legal, and each once (`validateContainerPorts`). */
export function checkPortNames(container: FieldReader): void {
  const seen = new Set<string>();
  for (const port of container.objects('ports')) {
    const name = port.text('name');
    if (name === '') continue;
    const at = port.at.field('name');
    const problems = portNameProblems(name);
    for (const problem of problems) at.invalid(name, problem);
    if (problems.length > 0) continue;
    if (seen.has(name)) at.duplicate(name);
    seen.add(name);
  }
}

/** A port of the host belongs to one container (`checkHostPortConflicts`). `list` is where the containers stand. */
export function checkHostPorts(list: FieldPosition, containers: readonly Container[]): void {
  const taken = new Set<string>();
  for (const [at, { ports }] of containers.entries()) {
    for (const [index, { protocol, hostIP, hostPort }] of ports.entries()) {
      if (hostPort === 0) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      const place = list.index(at).field('ports').index(index).field('hostPort');
      if (taken.has(key)) place.duplicate(key);
      taken.add(key);
    }
  }
}

/** The names of a pod's volumes, each legal and once (`ValidateVolumes`). */
export function checkVolumeNames(spec: FieldReader): ReadonlySet<string> {
  const names = new Set<string>();
  for (const volume of spec.objects('volumes')) {
    const name = volume.text('name');
    const problem = name === '' ? undefined : dnsLabelProblem(name);
    const at = volume.at.field('name');
    if (problem !== undefined) at.invalid(name, problem);
    if (names.has(name)) at.duplicate(name);
    names.add(name);
  }
  return names;
}

/** Mounts are of volumes that the pod has, each at a path of its own (`ValidateVolumeMounts`). */
export function checkMounts(container: FieldReader, volumes: ReadonlySet<string>): void {
  const paths = new Set<string>();
  for (const mount of container.objects('volumeMounts')) {
    const name = mount.text('name');
    const path = mount.text('mountPath');
    if (name === '') mount.at.field('name').required();
    if (!volumes.has(name)) mount.at.field('name').notFound(name);
    const at = mount.at.field('mountPath');
    if (path === '') at.required();
    if (paths.has(path)) at.invalid(path, 'must be unique');
    paths.add(path);
  }
}
