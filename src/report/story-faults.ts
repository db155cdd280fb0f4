import { formatDuration, formatNumber } from './format.ts';
import { groupBy } from './read-table.ts';
import { isToldByKubelet, recoverySteps, takeOverText } from './recovery-steps.ts';
import type { ToldFault } from './recovery-steps.ts';
import type { ChainLink, StoryItem } from './report-input.ts';

/** How a kind of fault reads: what happened, what that means for the machine, what its end is. */
interface Wording {
  readonly what: (fault: ToldFault) => string;
  readonly cause: (fault: ToldFault) => string;
  readonly end: (fault: ToldFault) => string;
}

const nodesOf = ({ nodeCount }: ToldFault): string => `${nodeCount} ${nodeCount === 1 ? 'node' : 'nodes'}`;

const wordings: ReadonlyMap<string, Wording> = new Map<string, Wording>([
  [
    'nodeCrash',
    {
      what: ({ target }) => `node ${target} crashed`,
      cause: ({ target }) => `the machine of ${target} stops: containers are gone, its lease is renewed no more`,
      end: ({ target }) => `${target} boots again`,
    },
  ],
  [
    'nodePartition',
    {
      what: ({ target }) => `node ${target} lost contact`,
      cause: ({ target }) => `${target} cannot reach the API server: containers run on, its lease is renewed no more`,
      end: ({ target }) => `${target} is reachable again`,
    },
  ],
  [
    'kubeletStop',
    {
      what: ({ target }) => `kubelet of ${target} stopped`,
      cause: ({ target }) => `the kubelet of ${target} stops: containers run on, its lease is renewed no more`,
      end: ({ target }) => `the kubelet of ${target} starts again`,
    },
  ],
  [
    'nodeReboot',
    {
      what: ({ target }) => `node ${target} was rebooted`,
      cause: ({ target }) =>
        `the system of ${target} goes down: gracefully where its kubelet is told to, then without power`,
      end: ({ target }) => `${target} boots`,
    },
  ],
  [
    'nodeSlow',
    {
      what: ({ target }) => `node ${target} was slow`,
      cause: ({ target }) => `sandboxes, pulls and starts on ${target} take longer; its lease is renewed as before`,
      end: ({ target }) => `${target} is as fast as before`,
    },
  ],
  [
    'clockSkew',
    {
      what: ({ target }) => `clock of ${target} was wrong`,
      cause: ({ target }) => `the times that the kubelet of ${target} writes are off`,
      end: ({ target }) => `the clock of ${target} is right again`,
    },
  ],
  [
    'memoryPressure',
    {
      what: ({ target }) => `memory of ${target} ran short`,
      cause: ({ target }) =>
        `what runs beside the pods of ${target} takes memory: the kubelet evicts below its threshold`,
      end: ({ target }) => `the memory of ${target} is free again`,
    },
  ],
  [
    'diskFull',
    {
      what: ({ target }) => `disk of ${target} filled up`,
      cause: ({ target }) => `the disk of ${target} is full: the kubelet deletes unused images, then evicts`,
      end: ({ target }) => `the disk of ${target} has room again`,
    },
  ],
  [
    'pidPressure',
    {
      what: ({ target }) => `process ids of ${target} ran short`,
      cause: ({ target }) => `processes beside the pods of ${target} use up its ids`,
      end: ({ target }) => `${target} has process ids again`,
    },
  ],
  [
    'spotReclaim',
    {
      what: ({ target }) => `spot machine ${target} was reclaimed`,
      cause: ({ target }) =>
        `notice for ${target}: nothing new is scheduled there; then the machine is gone, and its Node`,
      end: ({ target }) => `another machine joins as ${target}`,
    },
  ],
  [
    'domainOutage',
    {
      what: (fault) => `failure domain ${fault.target} was lost (${nodesOf(fault)})`,
      cause: (fault) => `${nodesOf(fault)} of ${fault.target} fall silent at once`,
      end: ({ target }) => `${target} is back`,
    },
  ],
  [
    'zonePartition',
    {
      what: ({ target }) => `zones ${target} lost contact`,
      cause: (fault) =>
        `${nodesOf(fault)} cannot reach the control plane: containers run on, leases are renewed no more`,
      end: ({ target }) => `zones ${target} reach each other again`,
    },
  ],
  [
    'etcdLeaderLoss',
    {
      what: () => 'etcd lost its leader',
      cause: () => 'writes are refused until another one is elected; reads and watches go on',
      end: () => 'etcd has a leader again',
    },
  ],
  [
    'componentDown',
    {
      what: ({ target }) => `the leading ${target} process was gone`,
      cause: ({ target }) => `the leading ${target} is gone: nobody does its work until another one has the lease`,
      end: ({ target }) => `the process of ${target} is there again`,
    },
  ],
  [
    'oomKill',
    {
      what: ({ target }) => `containers killed for want of memory: ${target}`,
      cause: () => 'the kubelet restarts them after its back-off',
      end: () => 'no more containers are killed',
    },
  ],
  [
    'containerHang',
    {
      what: ({ target }) => `containers hung: ${target}`,
      cause: () => 'probes time out; a liveness probe restarts the container after its failures and the grace',
      end: () => 'those that still hang go on where they stood',
    },
  ],
  [
    'zoneOutage',
    {
      what: (fault) => `zone ${fault.target} was lost (${nodesOf(fault)})`,
      cause: (fault) => `${nodesOf(fault)} of zone ${fault.target} fall silent at once`,
      end: ({ target }) => `zone ${target} is back`,
    },
  ],
  [
    'registryOutage',
    {
      what: () => 'image registry was out of order',
      cause: () => 'images that are not on a node cannot be pulled as usual',
      end: () => 'the image registry works again',
    },
  ],
  [
    'apiServerOutage',
    {
      what: () => 'API server was out of order',
      cause: () => 'requests are refused; what runs, runs on',
      end: () => 'the API server answers again',
    },
  ],
  [
    'apiServerLatency',
    {
      what: () => 'API server was slow',
      cause: () => 'requests and watches take longer',
      end: () => 'the API server is as fast as before',
    },
  ],
  [
    'containerCrash',
    {
      what: ({ target }) => `containers killed: ${target}`,
      cause: () => 'the kubelet restarts them after its back-off',
      end: () => 'no more containers are killed',
    },
  ],
]);

const otherFault: Wording = {
  what: ({ kind, target }) => `${kind} ${target}`.trim(),
  cause: ({ kind, target }) => `fault ${kind} ${target} begins`,
  end: ({ kind, target }) => `fault ${kind} ${target} ends`,
};

const wordingOf = ({ kind }: ToldFault): Wording => wordings.get(kind) ?? otherFault;

/** Faults that kill containers and are over in the same instant. */
const killing: ReadonlySet<string> = new Set(['containerCrash', 'oomKill']);

/** The faults as items of the story; containers of the same pods that are killed again and again are one item. */
export function faultItems(faults: readonly ToldFault[]): StoryItem[] {
  const groups = groupBy(faults, ({ id, kind, target }) => (killing.has(kind) ? `${kind} ${target}` : `#${id}`));
  const byId = new Map(faults.map((fault) => [fault.id, fault]));
  return [...groups.values()].map((group) => (group.length === 1 ? faultItem(group[0]!, byId) : crashesItem(group)));
}

/** What came of a fault in one line, and the chain from the cause to the recovery. */
function faultItem(fault: ToldFault, byId: ReadonlyMap<string, ToldFault>): StoryItem {
  const detail = detailOf(fault, byId.get(fault.noticedUnder ?? ''));
  return { t: fault.startsAt, what: wordingOf(fault).what(fault), detail, chain: chainOf(fault) };
}

const CHAIN_CRASHES_MAX = 10;

function crashesItem(crashes: readonly ToldFault[]): StoryItem {
  const [first] = crashes;
  const told = crashes.slice(0, CHAIN_CRASHES_MAX);
  return {
    t: first!.startsAt,
    what: `${wordingOf(first!).what(first!)} (${formatNumber(crashes.length)} times)`,
    detail: crashesText(crashes),
    chain: told.flatMap((crash) => chainOf({ ...crash, endsAt: undefined })).sort((a, b) => a.t - b.t),
  };
}

const inSamePod = 'restarted in the same pod, ';

/** Who healed a single kill, of however many containers, and how long that took. */
function crashText({ startsAt, detectedAt, recoveredAt, podsLost }: ToldFault, unreplaced = inSamePod): string {
  if (detectedAt === undefined) return '';
  if (recoveredAt === undefined) return 'not healed by the end';
  const by = podsLost > 0 ? `${podsLost} replaced by a new pod, ` : unreplaced;
  return `${by}ready again after ${formatDuration(recoveredAt - startsAt)}`;
}

/** What probes made of containers that stand still. */
function hangText(fault: ToldFault): string {
  const { startsAt, detectedAt, restartedAt } = fault;
  if (detectedAt === undefined) return 'no probe noticed';
  const end = crashText(fault, restartedAt === undefined ? '' : inSamePod);
  return `noticed after ${formatDuration(detectedAt - startsAt)} · ${end}`;
}

/** How often the kubelet healed it, how often a controller did, and how long that took at most. */
function crashesText(crashes: readonly ToldFault[]): string {
  const longest = (group: readonly ToldFault[]): string => {
    const us = group.reduce((most, { startsAt, recoveredAt }) => Math.max(most, (recoveredAt ?? 0) - startsAt), 0);
    return `ready again after ${formatDuration(us)}${group.length > 1 ? ' at most' : ''}`;
  };
  const isHealed = ({ recoveredAt }: ToldFault): boolean => recoveredAt !== undefined;
  const restarted = crashes.filter((crash) => crash.podsLost === 0 && isHealed(crash));
  const replaced = crashes.filter((crash) => crash.podsLost > 0 && isHealed(crash));
  const open = crashes.filter(({ detectedAt, recoveredAt }) => detectedAt !== undefined && recoveredAt === undefined);
  return [
    ...(restarted.length > 0 ? [`${restarted.length} restarted in the same pod, ${longest(restarted)}`] : []),
    ...(replaced.length > 0 ? [`${replaced.length} replaced by a new pod, ${longest(replaced)}`] : []),
    ...(open.length > 0 ? [`${open.length} not healed by the end`] : []),
  ].join(' · ');
}

/** Faults under which a kubelet goes on to renew its lease: there is no silence to notice. */
const leaseKept: ReadonlySet<string> = new Set(['nodeSlow', 'clockSkew', 'memoryPressure', 'diskFull', 'pidPressure']);

/** Who leads again, each component by itself, and how many had no leader by the end. */
function leaderTexts(fault: ToldFault): string[] {
  const { startsAt, takeOvers, leadersLost } = fault;
  const open = leadersLost - takeOvers.length;
  return [
    ...takeOvers.map((each) => `${takeOverText(fault, each)} after ${formatDuration(each.at - startsAt)}`),
    ...(open > 0 ? [`${open} without a leader until the end of the run`] : []),
  ];
}

function detailOf(fault: ToldFault, under: ToldFault | undefined): string {
  const { startsAt, endsAt, nodeCount, detectedAt, taintedAt, evictedAt, podsLost } = fault;
  const after = (time: number): string => formatDuration(time - startsAt);
  const lasting = endsAt === undefined ? 'until the end of the run' : `for ${after(endsAt)}`;
  if (killing.has(fault.kind)) return crashText(fault);
  if (fault.kind === 'containerHang') return `${lasting} · ${hangText(fault)}`;
  if (nodeCount === 0) return [lasting, ...leaderTexts(fault)].join(' · ');
  const parts: string[] = [];
  if (detectedAt !== undefined)
    parts.push(`${isToldByKubelet(fault) ? 'not ready' : 'Unknown'} after ${after(detectedAt)}`);
  else parts.push(leaseKept.has(fault.kind) ? lasting : `${lasting}; ${unnoticedText(under)}`);
  if (taintedAt !== undefined) parts.push(`tainted ${after(taintedAt)}`);
  if (evictedAt !== undefined) parts.push(`pods evicted ${after(evictedAt)}`);
  if (podsLost > 0) parts.push(recoveryOf(fault));
  else if (detectedAt !== undefined && endsAt !== undefined) parts.push(`back after ${after(endsAt)}, no pod lost`);
  return parts.join(' · ');
}

/** Of nodes that were not ready before nobody can notice that they fall silent. */
function unnoticedText(under: ToldFault | undefined): string {
  if (under === undefined) return 'the control plane did not notice';
  return `not ready already, since ${wordingOf(under).what(under)}`;
}

function recoveryOf({ startsAt, recoveredAt, podsLost, barePodsLost }: ToldFault): string {
  const pods = `${podsLost} ${podsLost === 1 ? 'pod' : 'pods'} lost`;
  const bare = barePodsLost === 0 ? '' : `, ${barePodsLost} without a controller and not replaced`;
  if (barePodsLost === podsLost) return `${pods}${bare}`;
  if (recoveredAt === undefined) return `${pods}${bare}, not recovered by the end`;
  const all = podsLost === 1 ? '' : 'all ';
  const which = barePodsLost === 0 ? all : 'the others ';
  return `${pods}${bare}, ${which}replaced and ready ${formatDuration(recoveredAt - startsAt)}`;
}

/** Each step with the rule that it follows. */
function chainOf(fault: ToldFault): ChainLink[] {
  const wording = wordingOf(fault);
  const steps = recoverySteps(fault).map(({ at, text, rule }): ChainLink => ({ t: at, text: `${text} (${rule})` }));
  const begin = { t: fault.startsAt, text: wording.cause(fault) };
  const end = fault.endsAt === undefined ? [] : [{ t: fault.endsAt, text: wording.end(fault) }];
  return [begin, ...steps, ...end].sort((a, b) => a.t - b.t);
}
