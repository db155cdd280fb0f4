/** Which EndpointSlices must change so that they hold the wanted endpoints (upstream k8s.io/endpointslice reconciler.go). Pure. */
import type { Endpoint, EndpointSlice } from '../api/discovery-v1.ts';
import type { Uid } from '../api/meta-v1.ts';

/** --max-endpoints-per-slice. */
const endpointsMax = 100;

/** Ports of a slice. */
export type EndpointPorts = EndpointSlice['ports'];

/** New contents of a slice. */
export interface SliceChange {
  readonly slice: EndpointSlice;
  readonly endpoints: readonly Endpoint[];
  readonly ports: EndpointPorts;
}

/** Contents of a new slice. */
export interface NewSlice {
  readonly endpoints: readonly Endpoint[];
  readonly ports: EndpointPorts;
}

/** What is to be done, in the order create, update, delete. */
export interface SlicePlan {
  readonly create: readonly NewSlice[];
  readonly update: readonly SliceChange[];
  readonly remove: readonly EndpointSlice[];
}

/** Endpoints that share one list of ports. */
export interface EndpointGroup {
  readonly ports: EndpointPorts;
  readonly endpoints: Map<Uid, Endpoint>;
}

/** Text that is equal for equal ports. */
export function portsKey(ports: EndpointPorts): string {
  return ports.map(({ name, protocol, port }) => `${name}/${protocol}/${port}`).join(',');
}

/** The plan for a Service. `groups` by `portsKey`; their endpoints are used up. */
export function planSlices(slices: readonly EndpointSlice[], groups: ReadonlyMap<string, EndpointGroup>): SlicePlan {
  const create: NewSlice[] = [];
  const update: SliceChange[] = [];
  const remove: EndpointSlice[] = [];
  let keptCount = 0;
  const known = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = portsKey(slice.ports);
    if (!groups.has(key)) remove.push(slice);
    else if (known.has(key)) known.get(key)!.push(slice);
    else known.set(key, [slice]);
  }
  for (const [key, group] of groups) {
    const plan = planGroup(known.get(key) ?? [], group);
    create.push(...plan.create);
    update.push(...plan.update);
    remove.push(...plan.remove);
    keptCount += plan.keptCount;
  }
  if (create.length === 0 && update.length === 0 && keptCount === 0) return withPlaceholder(remove);
  return paired(create, update, remove);
}

/** A Service without endpoints keeps one slice without anything. */
function withPlaceholder(remove: readonly EndpointSlice[]): SlicePlan {
  const at = remove.findIndex(({ endpoints, ports }) => endpoints.length === 0 && ports.length === 0);
  if (at >= 0) return { create: [], update: [], remove: remove.filter((_, index) => index !== at) };
  return paired([{ endpoints: [], ports: [] }], [], remove);
}

/** A slice that is not needed takes the contents of a new one: one write instead of two. */
function paired(
  create: readonly NewSlice[],
  update: readonly SliceChange[],
  remove: readonly EndpointSlice[],
): SlicePlan {
  const count = Math.min(create.length, remove.length);
  const reused = create.slice(0, count).map((contents, at) => ({ slice: remove[at]!, ...contents }));
  return { create: create.slice(count), update: [...update, ...reused], remove: remove.slice(count) };
}

interface Room {
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: Endpoint[];
}

function planGroup(
  slices: readonly EndpointSlice[],
  { ports, endpoints: wanted }: EndpointGroup,
): SlicePlan & { readonly keptCount: number } {
  const changed: Room[] = [];
  const unchanged: Room[] = [];
  const remove: EndpointSlice[] = [];
  for (const slice of slices) {
    const endpoints = stillWanted(slice, wanted);
    if (endpoints.length === 0) remove.push(slice);
    else if (isSame(endpoints, slice.endpoints)) unchanged.push({ slice, endpoints });
    else changed.push({ slice, endpoints });
  }
  const rest = [...wanted.values()];
  // Slices that are written anyway are filled first, the fullest of them before the others.
  for (const { endpoints } of changed.toSorted((a, b) => b.endpoints.length - a.endpoints.length))
    endpoints.push(...rest.splice(0, Math.max(0, endpointsMax - endpoints.length)));
  const fresh: Room[] = [];
  while (rest.length > 0) {
    const at = rest.length < endpointsMax ? closestFit(unchanged, rest.length) : -1;
    const room = at < 0 ? { slice: undefined, endpoints: [] } : unchanged.splice(at, 1)[0]!;
    room.endpoints.push(...rest.splice(0, endpointsMax));
    (at < 0 ? fresh : changed).push(room);
  }
  return {
    create: fresh.map(({ endpoints }) => ({ endpoints, ports })),
    update: changed.map(({ slice, endpoints }) => ({ slice: slice!, endpoints, ports })),
    remove,
    keptCount: unchanged.length,
  };
}

/** The endpoints of a slice that are still wanted, as they are wanted now; they are taken out of `wanted`. */
function stillWanted(slice: EndpointSlice, wanted: Map<Uid, Endpoint>): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const present of slice.endpoints) {
    const next = wanted.get(present.podUid);
    if (next === undefined) continue;
    wanted.delete(present.podUid);
    endpoints.push(isSameEndpoint(present, next) ? present : next);
  }
  return endpoints;
}

function isSame(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return a.length === b.length && a.every((endpoint, at) => endpoint === b[at]);
}

function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.ready === b.ready &&
    a.serving === b.serving &&
    a.terminating === b.terminating &&
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.podName === b.podName
  );
}

/** Index of the slice that would be fullest with so many more; -1 if none has the room. */
function closestFit(rooms: readonly Room[], count: number): number {
  let best = -1;
  for (const [at, { endpoints }] of rooms.entries()) {
    if (endpoints.length + count > endpointsMax) continue;
    if (best < 0 || endpoints.length > rooms[best]!.endpoints.length) best = at;
  }
  return best;
}
