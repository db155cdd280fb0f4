/** Profiles of the command line as an experiment, as `orrery sweep` runs it. */
import { basename } from 'node:path';
import type { Experiment, ExperimentAxis, Level, LevelOverride } from '../../experiment/experiment.ts';
import type { Place } from '../../scenario/diagnostics.ts';
import { CliError } from '../cli-error.ts';

/** The axis of the profiles, in tables and names of cells. */
export const profileAxis = 'profile';

const saltAxis = 'tieSalt';

/** A profile as the user names it is a file where it looks like one. */
const isFile = (profile: string): boolean => /[/\\]|\.(ya?ml|json)$/i.test(profile);

/** A plugin of one's own: the profile in which it scores alone. */
const isModule = (profile: string): boolean => /\.[mc]?[jt]s$/i.test(profile);

/** Whether a profile is a file: a configuration or a module of plugins. */
export function isProfileFile(profile: string): boolean {
  return isFile(profile) || isModule(profile);
}

/** What a profile is called in tables: a file without its folder and ending. */
export function labelOf(profile: string): string {
  return isProfileFile(profile) ? basename(profile).replace(/\.(ya?ml|json|[mc]?[jt]s)$/i, '') : profile;
}

/** @throws CliError where there are fewer than two profiles, or two are called the same. */
export function profileLabels(profiles: readonly string[]): readonly string[] {
  if (profiles.length < 2)
    throw new CliError(
      'orrery: compare takes two or more --profile, the baseline first: --profile default --profile most-allocated',
    );
  const labels = profiles.map(labelOf);
  const twice = labels.find((label, index) => labels.indexOf(label) < index);
  if (twice !== undefined) throw new CliError(`orrery: two profiles are called "${twice}"`);
  return labels;
}

/** The experiment of these profiles over a scenario; with salts, of every profile under every one of them. */
export function profileExperiment(
  scenario: {
    readonly name: string;
    readonly file: string;
    readonly description: string;
    /** Tables that the cells keep. */
    readonly tables: readonly string[];
  },
  profiles: readonly string[],
  salts: readonly number[] = [],
): Experiment {
  const axes: ExperimentAxis[] = [{ name: profileAxis, levels: profiles.map(profileLevel) }];
  if (salts.length > 0) axes.push({ name: saltAxis, levels: salts.map(saltLevel) });
  return {
    name: `compare-${scenario.name}`,
    description: scenario.description,
    file: scenario.file,
    scenario: scenario.file,
    axes,
    axesPlace: placeOf('--profile', profiles[0]!),
    worlds: [],
    baseline: axes.map(({ levels }) => levels[0]!.label),
    exclude: [],
    outputs: { tables: scenario.tables, cells: 'merged', charts: false, report: false },
    charts: [],
  };
}

function profileLevel(profile: string): Level {
  const place = placeOf('--profile', profile);
  const label = labelOf(profile);
  const overrides = isModule(profile)
    ? [
        override('spec.scheduler.plugins', [profile], true, place),
        override('spec.scheduler.profile', label, false, place),
      ]
    : isFile(profile)
      ? [override('spec.scheduler.config', profile, true, place)]
      : [override('spec.scheduler.profile', profile, false, place)];
  return { label, place, scenario: undefined, overrides };
}

function saltLevel(salt: number): Level {
  const place = placeOf('--tie-salts', String(salt));
  const overrides = [override('spec.scheduler.tieSalt', salt, false, place)];
  return { label: String(salt), place, scenario: undefined, overrides };
}

function override(path: string, value: unknown, file: boolean, place: Place): LevelOverride {
  return { path, value, isFile: file, pathPlace: place, valuePlace: place };
}

function placeOf(option: string, text: string): Place {
  return { file: option, line: 1, column: 1, endColumn: text.length + 1, excerpt: text };
}
