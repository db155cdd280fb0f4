/** The plugins of one profile, made and sorted into extension points (upstream `ps/framework/runtime/framework.go`, NewFramework). */
import type { PluginRegistry } from './define-plugin.ts';
import type { Handle } from './handle.ts';
import type { Plugin } from './interface.ts';
import { enabledPlugins, expandPoint, extensionPointInterfaces, extensionPoints, methodOf } from './profile.ts';
import type { ExtensionPoint, ProfileConfiguration } from './profile.ts';
import { StatusSigner } from './status.ts';

/** A plugin that has these methods. */
export type With<M extends keyof Plugin> = Plugin & Required<Pick<Plugin, M>>;

/** A plugin and what puts its name to its refusals. */
export interface Signed<P> {
  readonly plugin: P;
  readonly signer: StatusSigner;
}

/** What a profile enables. */
export class PluginSet {
  /** What is wrong with the profile, in upstream's words; a profile with problems must not run. */
  readonly problems: string[] = [];
  private readonly profile: ProfileConfiguration;
  private readonly byName = new Map<string, Plugin>();
  private readonly namesByPoint = new Map<ExtensionPoint, readonly string[]>();

  /** @param handle what the plugins are given. */
  constructor(profile: ProfileConfiguration, registry: PluginRegistry, handle: Handle) {
    this.profile = profile;
    for (const name of enabledPlugins(profile.plugins)) this.create(name, registry, handle);
    for (const point of extensionPoints) this.namesByPoint.set(point, this.expand(point));
    this.checkCounts();
  }

  /** All of them, in the order of their first mention. */
  get all(): readonly Plugin[] {
    return [...this.byName.values()];
  }

  /** One by its name. */
  get(name: string): Plugin | undefined {
    return this.byName.get(name);
  }

  /** Names of the plugins of a point in the order of running. */
  namesAt(point: ExtensionPoint): readonly string[] {
    return this.namesByPoint.get(point)!;
  }

  /** The plugins of a point in the order of running, each with what signs its refusals. */
  at<P extends Plugin>(point: ExtensionPoint): readonly Signed<P>[] {
    const names = this.namesAt(point);
    return names.map((name) => ({ plugin: this.byName.get(name) as P, signer: new StatusSigner(name) }));
  }

  private create(name: string, registry: PluginRegistry, handle: Handle): void {
    const definition = registry.get(name);
    if (definition === undefined) {
      this.problems.push(`plugin "${name}" does not exist`);
      return;
    }
    const args = this.profile.args.has(name) ? this.profile.args.get(name) : definition.defaultArgs;
    this.byName.set(name, definition.create(args, handle));
  }

  private expand(point: ExtensionPoint): readonly string[] {
    const entries = expandPoint(this.profile.plugins, point, (name) => this.isImplementing(name, point));
    const names: string[] = [];
    for (const { name } of entries) {
      const kind = extensionPointInterfaces[point];
      if (!this.byName.has(name)) continue;
      if (!this.isImplementing(name, point)) this.problems.push(`plugin "${name}" does not extend ${kind} plugin`);
      else if (names.includes(name)) this.problems.push(`plugin "${name}" already registered as "${kind}"`);
      else names.push(name);
    }
    return names;
  }

  private isImplementing(name: string, point: ExtensionPoint): boolean {
    const plugin = this.byName.get(name);
    return plugin !== undefined && plugin[methodOf(point) as keyof Plugin] !== undefined;
  }

  private checkCounts(): void {
    const profile = `profile with scheduler name "${this.profile.schedulerName}"`;
    const sorters = this.namesAt('queueSort').length;
    if (sorters !== 1) this.problems.push(`only one queue sort plugin required for ${profile}, but got ${sorters}`);
    if (this.namesAt('bind').length === 0) this.problems.push(`at least one bind plugin is needed for ${profile}`);
  }
}
