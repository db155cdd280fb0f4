/** The small parts of a scenario: latency, scheduler, controllers, limits, outputs. */
import type { LatencyProfile } from '../../apiserver/latency.ts';
import { defaultLatency, latencyProfiles } from '../../apiserver/latency.ts';
import { controllers } from '../../controllers/registry.ts';
import { assert } from '../../util/assert.ts';
import type { FieldPath } from '../field-path.ts';
import type { Mention } from '../input-texts.ts';
import * as messages from '../messages.ts';
import type { ControllerOptions, KubernetesVersion, ScenarioFile, SchedulerOptions } from '../scenario.ts';
import { kubernetesVersions } from '../scenario.ts';
import { wholeFile } from '../diagnostics.ts';
import type { ScenarioInput } from '../schema/scenario-schema.ts';
import type { ResolveContext } from './context.ts';
import { microseconds, optionalMicroseconds, resolveDistribution } from './distribution.ts';

type Spec = ScenarioInput['spec'];

/** The version whose semantics are simulated. */
export function resolveVersion({ kubernetesVersion }: Spec, context: ResolveContext): KubernetesVersion {
  const [newest] = kubernetesVersions;
  const known = kubernetesVersions.find((version) => version === kubernetesVersion);
  if (kubernetesVersion !== undefined && known === undefined) {
    const finding = messages.unknownVersion(kubernetesVersion, kubernetesVersions);
    context.report(finding, ['spec', 'kubernetesVersion']);
  }
  return known ?? newest;
}

/** A named profile, or the default one with single hops replaced. */
export function resolveLatency({ latency }: Spec): LatencyProfile {
  if (latency === undefined) return defaultLatency;
  if (typeof latency === 'string') {
    const profile = latencyProfiles.get(latency);
    assert(profile !== undefined, `the latency profile ${latency} passed the schema and is not there`);
    return profile;
  }
  const hops = Object.entries(latency).flatMap(([name, hop]) =>
    hop === undefined ? [] : [[name, resolveDistribution(hop)] as const],
  );
  return { ...defaultLatency, name: 'custom', ...Object.fromEntries(hops) };
}

/** The scheduler's files are found and read here; what they mean is for `readSchedulerSetup`. */
export function resolveScheduler({ scheduler = {} }: Spec, context: ResolveContext): SchedulerOptions {
  const at: FieldPath = ['spec', 'scheduler'];
  const { plugins = [], tieBreak, tieSalt, cycleCost } = scheduler;
  const { config, profile } = configOrProfile(scheduler, at, context);
  return {
    config: config === undefined ? undefined : configFile(context.mention(config, [...at, 'config']), context),
    profile: profile === undefined ? undefined : { name: profile, namedAt: context.place([...at, 'profile']) },
    plugins: context.mentions(plugins, [...at, 'plugins']).flatMap((mention) => moduleFile(mention, context)),
    tieBreak: tieBreak ?? 'uniform',
    tieSalt: tieSalt ?? 0,
    cycleCost: cycleCost && {
      constant: microseconds(cycleCost.constant),
      perNode: optionalMicroseconds(cycleCost.perNode) ?? 0,
    },
  };
}

/** One of the two; what the command line sets goes over what a file says. */
function configOrProfile(
  { config, profile }: NonNullable<Spec['scheduler']>,
  at: FieldPath,
  context: ResolveContext,
): { readonly config?: string | undefined; readonly profile?: string | undefined } {
  if (config === undefined || profile === undefined) return { config, profile };
  const isSet = (field: string): boolean => context.place([...at, field]).file === '--set';
  if (isSet('profile') === isSet('config'))
    context.report(messages.contradiction('"config" and "profile" cannot both be stated'), [...at, 'profile']);
  return isSet('profile') ? { profile } : { config };
}

function configFile(mention: Mention, context: ResolveContext): ScenarioFile | undefined {
  const { texts } = context;
  const found = texts.find(mention);
  if (found === undefined) return undefined;
  const [document, second] = texts.documents(found, mention);
  if (second !== undefined) {
    texts.diagnostics.add(messages.schedulerConfiguration('a second document begins here'), second.locate([]));
  }
  const { file, realPath } = found;
  if (document === undefined) {
    if (texts.text(found, mention)?.trim() === '')
      texts.diagnostics.add(messages.schedulerConfiguration('the file is empty'), wholeFile(file));
    return undefined;
  }
  return {
    file,
    realPath,
    namedAt: mention.place,
    raw: document.raw,
    locate: (path, part) => document.locate(path, part),
  };
}

/** A module is read as text only, so that the results record it. */
function moduleFile(mention: Mention, { texts }: ResolveContext): ScenarioFile[] {
  const found = texts.find(mention);
  if (found === undefined || texts.text(found, mention) === undefined) return [];
  const { file, realPath } = found;
  return [{ file, realPath, namedAt: mention.place, raw: undefined, locate: () => wholeFile(file) }];
}

/** Controllers that are switched off. */
export function resolveControllers(spec: Spec, context: ResolveContext): ControllerOptions {
  const disable = spec.controllers?.disable ?? [];
  const known = controllers.map(({ name }) => name);
  for (const [index, name] of disable.entries()) {
    const finding = messages.noSuch('controller', name, known);
    if (!known.includes(name)) context.report(finding, ['spec', 'controllers', 'disable', index]);
  }
  return { disable };
}
