/** What faults are called in the story of a run. */
import { counted, formatNumber } from './format.ts';
import type { ToldFault } from './recovery-steps.ts';

/** How a kind of fault reads: what happened, what that means for the machine, what its end is. */
interface Wording {
  readonly what: (fault: ToldFault) => string;
  readonly cause: (fault: ToldFault) => string;
  readonly end: (fault: ToldFault) => string;
}

const nodesOf = ({ nodeCount }: ToldFault): string => counted(nodeCount, 'node');

/** An outage by chance may hit none. */
const lostText = (domain: string, fault: ToldFault): string =>
  fault.nodeCount === 0 ? `outage of ${domain} hit no node` : `${domain} was lost (${nodesOf(fault)})`;

/** Whether the API server is without writes alone. */
const hasReads = (server: string): boolean => server.startsWith('writes');

/** Whether the registry answers, but late. */
export const isSlow = (registry: string): boolean => registry.startsWith('slow');

/** What is said of one node, or of several: they are not all named where they are many. */
const byNumber =
  (one: (node: string) => string, several: (nodes: string) => string) =>
  ({ target, nodeCount }: ToldFault): string =>
    nodeCount === 1 ? one(target) : several(namesOf(target.split(' '), nodeCount));

const NAMES_MAX = 3;

function namesOf(names: readonly string[], count: number): string {
  const rest = count - NAMES_MAX;
  const told = count > NAMES_MAX + 1 ? [...names.slice(0, NAMES_MAX), `${formatNumber(rest)} more`] : names;
  return [told.slice(0, -1).join(', '), told.at(-1)!].filter((part) => part !== '').join(' and ');
}

/** How faults of single nodes read: of one node, of several, and what that means for each of them. */
function ofNodes(
  what: readonly [one: (node: string) => string, several: (nodes: string) => string],
  cause: (nodes: string) => string,
  end: readonly [one: (node: string) => string, several: (nodes: string) => string],
): Wording {
  return {
    what: (fault) => (fault.nodeCount === 0 ? `${fault.kind} found no node` : byNumber(...what)(fault)),
    cause: byNumber(cause, cause),
    end: byNumber(...end),
  };
}

const wordings: ReadonlyMap<string, Wording> = new Map<string, Wording>([
  [
    'nodeCrash',
    ofNodes(
      [(node) => `node ${node} crashed`, (nodes) => `nodes ${nodes} crashed`],
      (nodes) => `${nodes} without power: containers are gone, no lease is renewed`,
      [(node) => `${node} boots again`, (nodes) => `${nodes} boot again`],
    ),
  ],
  [
    'nodePartition',
    ofNodes(
      [(node) => `node ${node} lost contact`, (nodes) => `nodes ${nodes} lost contact`],
      (nodes) => `${nodes} cannot reach the API server: containers run on, no lease is renewed`,
      [(node) => `${node} is reachable again`, (nodes) => `${nodes} are reachable again`],
    ),
  ],
  [
    'kubeletStop',
    ofNodes(
      [(node) => `kubelet of ${node} stopped`, (nodes) => `kubelets of ${nodes} stopped`],
      (nodes) => `no kubelet on ${nodes}: containers run on, no lease is renewed`,
      [(node) => `the kubelet of ${node} starts again`, (nodes) => `the kubelets of ${nodes} start again`],
    ),
  ],
  [
    'nodeReboot',
    ofNodes(
      [(node) => `node ${node} was rebooted`, (nodes) => `nodes ${nodes} were rebooted`],
      (nodes) => `shutdown of ${nodes}: gracefully where the kubelet is told to, then without power`,
      [(node) => `${node} boots`, (nodes) => `${nodes} boot`],
    ),
  ],
  [
    'nodeSlow',
    ofNodes(
      [(node) => `node ${node} was slow`, (nodes) => `nodes ${nodes} were slow`],
      (nodes) => `sandboxes, pulls and starts on ${nodes} take longer; leases are renewed as before`,
      [(node) => `${node} is as fast as before`, (nodes) => `${nodes} are as fast as before`],
    ),
  ],
  [
    'clockSkew',
    ofNodes(
      [(node) => `clock of ${node} was wrong`, (nodes) => `clocks of ${nodes} were wrong`],
      (nodes) => `the times that are written on ${nodes} are off`,
      [(node) => `the clock of ${node} is right again`, (nodes) => `the clocks of ${nodes} are right again`],
    ),
  ],
  [
    'memoryPressure',
    ofNodes(
      [(node) => `memory of ${node} ran short`, (nodes) => `memory of ${nodes} ran short`],
      (nodes) => `what runs beside the pods of ${nodes} takes memory: the kubelet evicts below its threshold`,
      [(node) => `the memory of ${node} is free again`, (nodes) => `the memory of ${nodes} is free again`],
    ),
  ],
  [
    'diskFull',
    ofNodes(
      [(node) => `disk of ${node} filled up`, (nodes) => `disks of ${nodes} filled up`],
      (nodes) => `the disk of ${nodes} fills up: the kubelet deletes unused images, then evicts`,
      [(node) => `the disk of ${node} has room again`, (nodes) => `the disks of ${nodes} have room again`],
    ),
  ],
  [
    'pidPressure',
    ofNodes(
      [(node) => `process ids of ${node} ran short`, (nodes) => `process ids of ${nodes} ran short`],
      (nodes) => `processes beside the pods of ${nodes} use up its ids`,
      [(node) => `${node} has process ids again`, (nodes) => `${nodes} have process ids again`],
    ),
  ],
  [
    'spotReclaim',
    ofNodes(
      [(node) => `spot machine ${node} was reclaimed`, (nodes) => `spot machines ${nodes} were reclaimed`],
      (nodes) => `notice for ${nodes}: nothing new is scheduled there; then the machine is gone, and its Node`,
      [(node) => `another machine joins as ${node}`, (nodes) => `other machines join as ${nodes}`],
    ),
  ],
  [
    'domainOutage',
    {
      what: (fault) => lostText(`failure domain ${fault.target}`, fault),
      cause: (fault) => `${nodesOf(fault)} of ${fault.target} fall silent at once`,
      end: ({ target }) => `${target} is back`,
    },
  ],
  [
    'zonePartition',
    {
      what: (fault) => `zones ${fault.target} lost contact (${nodesOf(fault)} cut off)`,
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
      what: (fault) => lostText(`zone ${fault.target}`, fault),
      cause: (fault) => `${nodesOf(fault)} of zone ${fault.target} fall silent at once`,
      end: ({ target }) => `zone ${target} is back`,
    },
  ],
  [
    'registryOutage',
    {
      what: ({ target }) => `image registry was ${isSlow(target) ? 'slow' : 'out of order'}`,
      cause: ({ target }) =>
        `images that are not on a node ${isSlow(target) ? 'take longer to pull' : 'cannot be pulled'}`,
      end: () => 'the image registry works as before',
    },
  ],
  [
    'apiServerOutage',
    {
      what: ({ target }) => `API server ${hasReads(target) ? 'refused writes' : 'was out of order'}`,
      cause: ({ target }) => `${hasReads(target) ? 'writes' : 'requests'} are refused; what runs, runs on`,
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

/** How a fault reads. */
export const wordingOf = ({ kind }: ToldFault): Wording => wordings.get(kind) ?? otherFault;

/** What happened, in a few words. */
export const whatOf = (fault: ToldFault): string => wordingOf(fault).what(fault);
