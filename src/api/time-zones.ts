/**
 * Time zones of CronJobs. Node's own tables differ between versions, so a run would too: here are the common zones of the IANA
 * data base under the rules that hold today, for every year. A zone that is not in the table counts as unknown.
 */
import { civilOf, dayOf, secondsPerDay, weekdayOf } from './calendar.ts';

/** How far the clocks of a zone are ahead of UTC. */
export interface TimeZone {
  /** Seconds ahead of UTC at a time, seconds since the epoch. */
  offsetAt(time: number): number;
}

/** The n-th Sunday of a month, -1 the last one; `at` in minutes after midnight. */
interface Change {
  readonly month: number;
  readonly sunday: number;
  readonly at: number;
}

/** Clocks are an hour ahead from `begin` until `end`. */
interface SummerTime {
  /** Minutes of the changes are those of UTC; else of the zone's standard time. */
  readonly isInUtc: boolean;
  readonly begin: Change;
  readonly end: Change;
}

const summerTimes = {
  eu: { isInUtc: true, begin: { month: 3, sunday: -1, at: 60 }, end: { month: 10, sunday: -1, at: 60 } },
  us: { isInUtc: false, begin: { month: 3, sunday: 2, at: 120 }, end: { month: 11, sunday: 1, at: 60 } },
  au: { isInUtc: false, begin: { month: 10, sunday: 1, at: 120 }, end: { month: 4, sunday: 1, at: 120 } },
  nz: { isInUtc: false, begin: { month: 9, sunday: -1, at: 120 }, end: { month: 4, sunday: 1, at: 120 } },
  none: undefined,
} as const satisfies Record<string, SummerTime | undefined>;

/** Summer time, minutes ahead of UTC in winter, and the zones; an area holds until the next one. */
const table: readonly (readonly [keyof typeof summerTimes, number, string])[] = [
  ['none', 0, 'UTC GMT Zulu Universal Greenwich Etc/UTC Etc/GMT Etc/UCT Etc/Zulu Etc/Universal Etc/Greenwich'],
  ['none', 0, 'Africa/Abidjan Africa/Accra Africa/Dakar Atlantic/Reykjavik'],
  ['none', 60, 'Africa/Lagos Africa/Algiers Africa/Tunis Africa/Kinshasa'],
  ['none', 120, 'Africa/Johannesburg Africa/Harare Africa/Lusaka Africa/Maputo Africa/Tripoli Europe/Kaliningrad'],
  [
    'none',
    180,
    'Africa/Nairobi Europe/Moscow Europe/Istanbul Europe/Minsk Asia/Riyadh Asia/Baghdad Asia/Kuwait Asia/Qatar',
  ],
  ['none', 210, 'Asia/Tehran'],
  ['none', 240, 'Asia/Dubai Asia/Muscat Asia/Baku Asia/Tbilisi Asia/Yerevan Europe/Samara Indian/Mauritius'],
  ['none', 270, 'Asia/Kabul'],
  ['none', 300, 'Asia/Karachi Asia/Tashkent Asia/Almaty Asia/Yekaterinburg Indian/Maldives'],
  ['none', 330, 'Asia/Kolkata Asia/Calcutta Asia/Colombo'],
  ['none', 345, 'Asia/Kathmandu'],
  ['none', 360, 'Asia/Dhaka Asia/Thimphu Asia/Omsk'],
  ['none', 390, 'Asia/Yangon'],
  ['none', 420, 'Asia/Bangkok Asia/Ho_Chi_Minh Asia/Saigon Asia/Jakarta Asia/Novosibirsk'],
  [
    'none',
    480,
    'Asia/Shanghai Asia/Hong_Kong Asia/Taipei Asia/Singapore Asia/Manila Asia/Kuala_Lumpur Australia/Perth PRC',
  ],
  ['none', 540, 'Asia/Tokyo Asia/Seoul Asia/Yakutsk Japan'],
  ['none', 570, 'Australia/Darwin'],
  ['none', 600, 'Australia/Brisbane Asia/Vladivostok Pacific/Guam Pacific/Port_Moresby'],
  ['none', -600, 'Pacific/Honolulu US/Hawaii'],
  ['none', -420, 'America/Phoenix US/Arizona America/Hermosillo'],
  ['none', -360, 'America/Mexico_City America/Guatemala America/Costa_Rica America/Regina'],
  ['none', -300, 'America/Bogota America/Lima America/Panama America/Jamaica America/Cancun'],
  ['none', -240, 'America/Caracas America/La_Paz America/Puerto_Rico America/Manaus'],
  ['none', -180, 'America/Sao_Paulo America/Argentina/Buenos_Aires America/Buenos_Aires America/Montevideo'],
  ['eu', 0, 'Europe/London Europe/Dublin Europe/Lisbon Europe/Jersey Europe/Guernsey Europe/Isle_of_Man GB WET'],
  ['eu', 0, 'Atlantic/Canary Atlantic/Madeira Atlantic/Faroe'],
  ['eu', 60, 'Europe/Berlin Europe/Paris Europe/Madrid Europe/Rome Europe/Amsterdam Europe/Brussels Europe/Vienna'],
  [
    'eu',
    60,
    'Europe/Zurich Europe/Stockholm Europe/Oslo Europe/Copenhagen Europe/Prague Europe/Warsaw Europe/Budapest',
  ],
  [
    'eu',
    60,
    'Europe/Belgrade Europe/Zagreb Europe/Ljubljana Europe/Bratislava Europe/Luxembourg Europe/Malta Europe/Monaco',
  ],
  [
    'eu',
    60,
    'Europe/Tirane Europe/Sarajevo Europe/Skopje Europe/Podgorica Europe/Vaduz Europe/Andorra Europe/Gibraltar CET MET',
  ],
  ['eu', 120, 'Europe/Athens Europe/Helsinki Europe/Kyiv Europe/Kiev Europe/Bucharest Europe/Sofia Europe/Riga'],
  ['eu', 120, 'Europe/Tallinn Europe/Vilnius Europe/Mariehamn Asia/Nicosia EET'],
  ['us', -210, 'America/St_Johns'],
  ['us', -240, 'America/Halifax Atlantic/Bermuda'],
  ['us', -300, 'America/New_York America/Toronto America/Detroit US/Eastern EST5EDT'],
  ['us', -360, 'America/Chicago America/Winnipeg US/Central CST6CDT'],
  ['us', -420, 'America/Denver America/Edmonton America/Boise US/Mountain MST7MDT'],
  ['us', -480, 'America/Los_Angeles America/Vancouver America/Tijuana US/Pacific PST8PDT'],
  ['us', -540, 'America/Anchorage US/Alaska'],
  ['au', 600, 'Australia/Sydney Australia/Melbourne Australia/Hobart Australia/Canberra'],
  ['au', 570, 'Australia/Adelaide'],
  ['nz', 720, 'Pacific/Auckland NZ'],
];

/** The zone of that name; undefined when it is unknown. */
export function timeZoneNamed(name: string): TimeZone | undefined {
  const row = table.find(([, , names]) => names.split(' ').includes(name));
  if (row !== undefined) return zoneOf(row[1] * 60, summerTimes[row[0]]);
  const fixed = /^Etc\/GMT([+-])(\d{1,2})$/.exec(name);
  const hours = Number(fixed?.[2]);
  const most = fixed?.[1] === '-' ? 14 : 12;
  if (fixed === null || hours > most) return undefined;
  // As in POSIX, the sign says what is to be added to come to UTC.
  return zoneOf(hours * (fixed[1] === '-' ? 3600 : -3600), undefined);
}

/** What is wrong with the time zone of a CronJob (`pkg/apis/batch/validation` validateTimeZone); undefined when nothing is. */
export function timeZoneProblem(name: string): string | undefined {
  if (name === '') return 'timeZone must be nil or non-empty string';
  if (name.toLowerCase() === 'local')
    return 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
  return timeZoneNamed(name) === undefined ? `unknown time zone ${name}` : undefined;
}

function zoneOf(standard: number, summer: SummerTime | undefined): TimeZone {
  if (summer === undefined) return { offsetAt: () => standard };
  const { isInUtc, begin, end } = summer;
  const isSummer = (time: number): boolean => {
    const clock = isInUtc ? time : time + standard;
    const { year } = civilOf(Math.floor(clock / secondsPerDay));
    const first = secondsOf(begin, year);
    const last = secondsOf(end, year);
    return first < last ? first <= clock && clock < last : clock < last || first <= clock;
  };
  return { offsetAt: (time) => (isSummer(time) ? standard + 3600 : standard) };
}

function secondsOf({ month, sunday, at }: Change, year: number): number {
  const start = dayOf(year, month, 1);
  const first = start + ((7 - weekdayOf(start)) % 7);
  const nextMonth = month === 12 ? dayOf(year + 1, 1, 1) : dayOf(year, month + 1, 1);
  const weeks = sunday > 0 ? sunday - 1 : Math.floor((nextMonth - 1 - first) / 7);
  return (first + 7 * weeks) * secondsPerDay + at * 60;
}
