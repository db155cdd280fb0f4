/** Laws of failures and repairs out of published studies, for `preset`. All times are per node unless a preset says otherwise. */
import { exponential, gamma, lognormal, uniform, weibull } from '../engine/distributions.ts';
import type { Distribution } from '../engine/distributions.ts';
import { DAY, HOUR, MINUTE } from '../engine/time.ts';

/** One named pair of laws; microseconds. */
export interface FaultPreset {
  readonly name: string;
  /** What was measured and what the laws are, in one sentence. */
  readonly description: string;
  /** Where the figures stand. */
  readonly source: string;
  readonly interval: Distribution;
  /** undefined = the study does not say. */
  readonly repair: Distribution | undefined;
}

type Pair = readonly [number, number];

/** Parameters in hours: mean; shape and scale; mu and sigma of the logarithm; shape and scale. */
interface Fits {
  readonly exponential: number;
  readonly weibull: Pair;
  readonly lognormal: Pair;
  readonly gamma: Pair;
}

interface ArchiveTrace {
  readonly name: string;
  readonly what: string;
  readonly up: Fits;
  readonly down: Fits;
}

const archive =
  'Javadi, Kondo, Iosup, Epema: The Failure Trace Archive, J. Parallel Distrib. Comput. 73(8), 2013, fits as in OpenDC';

const fits = (exponentialMean: number, weibullFit: Pair, lognormalFit: Pair, gammaFit: Pair): Fits => ({
  exponential: exponentialMean,
  weibull: weibullFit,
  lognormal: lognormalFit,
  gamma: gammaFit,
});

const archiveTraces: readonly ArchiveTrace[] = [
  {
    name: 'g5k06',
    what: 'nodes of the grid Grid’5000',
    up: fits(32.41, [0.48, 14.37], [1.51, 2.42], [0.34, 94.35]),
    down: fits(7.41, [0.35, 0.47], [-2.0, 2.2], [0.19, 39.92]),
  },
  {
    name: 'lanl05',
    what: 'nodes of the supercomputers of Los Alamos',
    up: fits(1779.99, [0.48, 816.6], [5.56, 2.39], [0.35, 5102.71]),
    down: fits(5.92, [0.58, 2.18], [0.05, 1.42], [0.38, 15.44]),
  },
  {
    name: 'ldns04',
    what: 'DNS servers',
    up: fits(141.06, [0.51, 79.3], [3.25, 2.33], [0.39, 362.43]),
    down: fits(8.61, [0.63, 5.62], [0.91, 1.64], [0.51, 16.87]),
  },
  {
    name: 'microsoft99',
    what: 'desktop computers of a company',
    up: fits(67.01, [0.55, 35.3], [2.62, 1.84], [0.41, 162.19]),
    down: fits(16.49, [0.6, 9.34], [1.42, 1.54], [0.46, 35.52]),
  },
  {
    name: 'nd07cpu',
    what: 'desktop computers of a university',
    up: fits(13.73, [0.45, 4.16], [0.3, 2.2], [0.3, 46.16]),
    down: fits(4.25, [0.51, 0.74], [-1.02, 1.27], [0.28, 15.07]),
  },
  {
    name: 'overnet03',
    what: 'peers of a file sharing network',
    up: fits(2.29, [0.85, 2.04], [0.19, 0.98], [0.91, 2.53]),
    down: fits(12, [0.44, 2.98], [0.08, 1.8], [0.29, 41.64]),
  },
  {
    name: 'pl05',
    what: 'machines of PlanetLab',
    up: fits(159.49, [0.33, 19.35], [1.44, 2.86], [0.2, 788.03]),
    down: fits(49.61, [0.36, 5.59], [0.4, 2.45], [0.21, 237.65]),
  },
  {
    name: 'skype06',
    what: 'super nodes of Skype',
    up: fits(16.27, [0.64, 10.86], [1.6, 1.57], [0.53, 30.79]),
    down: fits(14.31, [0.63, 9.48], [1.4, 1.73], [0.5, 28.53]),
  },
  {
    name: 'websites02',
    what: 'web servers',
    up: fits(11.85, [0.46, 3.68], [0.23, 2.02], [0.31, 38.67]),
    down: fits(1.18, [0.65, 0.61], [-1.12, 1.13], [0.5, 2.37]),
  },
];

const laws = ['exponential', 'weibull', 'lognormal', 'gamma'] as const;
type Law = (typeof laws)[number];

function lawOf(law: Law, all: Fits): Distribution {
  if (law === 'exponential') return exponential({ mean: all.exponential * HOUR });
  const [first, second] = all[law];
  if (law === 'weibull') return weibull({ shape: first, scale: second * HOUR });
  if (law === 'gamma') return gamma({ shape: first, mean: first * second * HOUR });
  // The logarithm of hours is moved to that of microseconds.
  return lognormal({ mu: first + Math.log(HOUR), sigma: second });
}

function parametersOf(law: Law, all: Fits): string {
  if (law === 'exponential') return `mean ${all.exponential} h`;
  const [first, second] = all[law];
  return law === 'lognormal' ? `mu ${first}, sigma ${second} of ln(h)` : `shape ${first}, scale ${second} h`;
}

const archivePresets: readonly FaultPreset[] = archiveTraces.flatMap(({ name, what, up, down }) =>
  laws.map((law) => ({
    name: `${name}-${law}`,
    description: `${what}; ${law}, up ${parametersOf(law, up)}, down ${parametersOf(law, down)}`,
    source: archive,
    interval: lawOf(law, up),
    repair: lawOf(law, down),
  })),
);

const dean = 'J. Dean, Designs, Lessons and Advice from Building Large Distributed Systems / Google I/O 2008';
const kokolis = 'Kokolis et al., Revisiting Reliability in Large-Scale ML Research Clusters, HPCA 2025';
const year = 365 * DAY;
const machinesOfDean = 1900;

const otherPresets: readonly FaultPreset[] = [
  {
    name: 'google-2008-node',
    description:
      'about 1,000 failures in the first year of 1,800 to 2,000 machines: exponential, mean 1.9 years a node',
    source: dean,
    interval: exponential({ mean: (machinesOfDean / 1000) * year }),
    repair: undefined,
  },
  {
    name: 'google-2008-rack',
    description:
      'about 20 racks of 40 to 80 machines lost in that year, 1 to 6 h each: exponential, mean 1.6 years a rack of 60; uniform',
    source: dean,
    interval: exponential({ mean: (machinesOfDean / 60 / 20) * year }),
    repair: uniform(HOUR, 6 * HOUR),
  },
  {
    name: 'google-2008-pdu',
    description:
      'about one power unit of 500 to 1,000 machines lost in that year, 6 h: exponential, mean 2.5 years a unit',
    source: dean,
    interval: exponential({ mean: (machinesOfDean / 750) * year }),
    repair: uniform(5.5 * HOUR, 6.5 * HOUR),
  },
  {
    name: 'google-2008-router',
    description:
      'about 12 reloads of routers in that year, a few minutes each: exponential, mean a month for the cluster',
    source: dean,
    interval: exponential({ mean: year / 12 }),
    repair: uniform(2 * MINUTE, 5 * MINUTE),
  },
  {
    name: 'meta-rsc1-node',
    description: '6.50 failures in a thousand node-days of a cluster of GPUs: exponential, mean 153.8 days a node',
    source: kokolis,
    interval: exponential({ mean: (1000 / 6.5) * DAY }),
    repair: undefined,
  },
  {
    name: 'meta-rsc2-node',
    description: '2.34 failures in a thousand node-days of a cluster of GPUs: exponential, mean 427.4 days a node',
    source: kokolis,
    interval: exponential({ mean: (1000 / 2.34) * DAY }),
    repair: undefined,
  },
  ...[5, 10, 15, 20].map((percent) => ({
    name: `aws-spot-${percent}`,
    description: `${percent} % of spot machines interrupted in a month: exponential, mean ${Math.round(spotDays(percent))} days`,
    source: 'AWS Spot Instance Advisor, bound of a class of the frequency of interruption',
    interval: exponential({ mean: spotDays(percent) * DAY }),
    repair: undefined,
  })),
];

/** Mean days to the interruption of a machine of which so many percent are interrupted within 30 days. */
function spotDays(percent: number): number {
  return -30 / Math.log1p(-percent / 100);
}

/** All presets, in the order of their names. */
export const presets: readonly FaultPreset[] = [...archivePresets, ...otherPresets].sort((a, b) =>
  a.name < b.name ? -1 : 1,
);

/** The preset of a name. */
export function presetNamed(name: string): FaultPreset | undefined {
  return presets.find((preset) => preset.name === name);
}
