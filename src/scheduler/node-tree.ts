import type { Node } from '../api/core-v1.ts';
import { regionOf, zoneOf } from '../api/node-conditions.ts';

/**
 * The order in which nodes are looked at: zones take turns (upstream `ps/backend/cache/node_tree.go`). Zones stand in the
 * order of their first node, the nodes of a zone in the order of their addition.
 */
export class NodeTree {
  /** A zone that runs empty leaves, and comes back at the end. */
  private readonly zones = new Map<string, Set<string>>();

  add(node: Node): void {
    const key = zoneKey(node);
    const names = this.zones.get(key);
    if (names === undefined) this.zones.set(key, new Set([node.metadata.name]));
    else names.add(node.metadata.name);
  }

  remove(node: Node): void {
    const key = zoneKey(node);
    const names = this.zones.get(key);
    if (names === undefined) return;
    names.delete(node.metadata.name);
    if (names.size === 0) this.zones.delete(key);
  }

  /** Moves a node whose zone changed to the end of its new zone. */
  update(before: Node, after: Node): void {
    if (zoneKey(before) === zoneKey(after)) return;
    this.remove(before);
    this.add(after);
  }

  /** First node of every zone, second node of every zone, ... */
  list(): string[] {
    const names: string[] = [];
    const zones = [...this.zones.values()].map((zone) => [...zone]);
    const longest = zones.reduce((length, zone) => Math.max(length, zone.length), 0);
    for (let at = 0; at < longest; at++) {
      for (const zone of zones) if (at < zone.length) names.push(zone[at]!);
    }
    return names;
  }
}

/** Region and zone; empty where the node has neither (upstream `GetZoneKey`). */
function zoneKey(node: Node): string {
  const region = regionOf(node);
  const zone = zoneOf(node);
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`;
}
