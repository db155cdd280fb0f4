// The arithmetic of preemption: importance, budgets, criteria, numbers of candidates.
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/core-v1.ts';
import { statusWith } from '../../api/pod-status.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import { SchedulerFixture, budgetFrom } from '../../testing/scheduler-fixture.ts';
import { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { candidatesToFind } from './find-candidates.ts';
import { defaultPreemptionArgs, readPreemptionArgs, validatePreemptionArgs } from './default-preemption-args.ts';
import { DisruptionBudgets } from './disruption-budgets.ts';
import { bestCandidates } from './pick-candidate.ts';
import type { Candidate } from './select-victims.ts';
import { earliestStartTime, sortByImportance } from './victim-importance.ts';

const fixture = new SchedulerFixture();
const now = 1000;

function victim(name: string, priority: number, startTime = -1, labels: object = {}): Pod {
  const pod = fixture.pod({ priority }, { metadata: { name, labels } });
  return podWith(pod, { status: statusWith(pod.status, { startTime }) });
}

const infos = (pods: readonly Pod[]): PodInfo[] => pods.map((pod) => fixture.podInfos.podInfo(pod));
const namesOf = (list: readonly PodInfo[]): string => list.map(({ pod }) => pod.metadata.name).join('');

describe('the importance of victims', () => {
  it('is that of priority, then of age; a pod that no kubelet knows is the youngest', () => {
    const list = infos([victim('a', 1, 5), victim('b', 2), victim('c', 2, 900), victim('d', -7, 1), victim('e', 2, 3)]);
    sortByImportance(list, now);
    expect(namesOf(list)).toBe('ecbad');
  });

  it('leaves equal pods in their order', () => {
    const list = infos([victim('a', 1, 5), victim('b', 1, 5), victim('c', 2, 9), victim('d', 1, 5)]);
    sortByImportance(list, now);
    expect(namesOf(list)).toBe('cabd');
  });

  it('looks at the oldest among the highest only', () => {
    expect(earliestStartTime([victim('a', 1, 1), victim('b', 2, 70), victim('c', 2, 60)], now)).toBe(60);
    expect(earliestStartTime([victim('a', 1)], now)).toBe(now);
  });
});

describe('budgets', () => {
  const budget = (
    allowed: number,
    selector: object | undefined,
    disrupted: object = {},
    namespace = 'default',
  ): unknown => ({
    metadata: { name: `b${allowed}`, namespace },
    spec: { selector },
    status: { disruptionsAllowed: allowed, disruptedPods: disrupted },
  });
  const split = (pods: readonly Pod[], ...budgets: unknown[]): string => {
    const { violating, others } = new DisruptionBudgets(budgets.map(budgetFrom)).split(infos(pods));
    return `${namesOf(violating)}|${namesOf(others)}`;
  };
  const web = { matchLabels: { app: 'web' } };
  const three = ['a', 'b', 'c'].map((name) => victim(name, 1, 1, { app: 'web' }));

  it('are used up in order of importance', () => {
    expect(split(three, budget(0, web))).toBe('abc|');
    expect(split(three, budget(2, web))).toBe('c|ab');
    expect(split(three, budget(3, web))).toBe('|abc');
  });

  it('of another namespace, without a selector, or with an empty one protect nobody', () => {
    expect(split(three, budget(0, web, {}, 'other'))).toBe('|abc');
    expect(split(three, budget(0, undefined))).toBe('|abc');
    expect(split(three, budget(0, {}))).toBe('|abc');
  });

  it('do not count a pod whose eviction was granted, nor one without labels', () => {
    expect(split(three, budget(1, web, { b: '2026-01-01T00:00:00Z' }))).toBe('c|ab');
    expect(split([victim('x', 1)], budget(0, { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }))).toBe(
      '|x',
    );
  });

  it('after the first broken one are not charged for that pod', () => {
    // a breaks the first; the second still has its one for b.
    const both = [budget(0, { matchLabels: { tier: 'x' } }), budget(1, web)];
    const pods = [victim('a', 2, 1, { app: 'web', tier: 'x' }), victim('b', 1, 1, { app: 'web' })];
    expect(split(pods, ...both)).toBe('a|b');
  });

  it('are whole again for the next node', () => {
    const budgets = new DisruptionBudgets([budgetFrom(budget(2, web))]);
    for (let node = 0; node < 3; node++) expect(namesOf(budgets.split(infos(three)).violating)).toBe('c');
  });
});

describe('the choice of a node', () => {
  const candidate = (name: string, violations: number, ...victims: Pod[]): Candidate => ({
    node: new NodeInfo(0, name),
    victims,
    violations,
  });
  const best = (...candidates: Candidate[]): string =>
    bestCandidates(candidates, now)
      .map(({ node }) => node.name)
      .join();

  it.each([
    ['fewest violations', candidate('a', 1, victim('x', 1)), candidate('b', 0, victim('y', 9), victim('z', 9))],
    ['lowest first victim', candidate('a', 0, victim('x', 5)), candidate('b', 0, victim('y', 4), victim('z', 4))],
    [
      'lowest sum',
      candidate('a', 0, victim('x', 5), victim('y', 4)),
      candidate('b', 0, victim('z', 5), victim('w', 3)),
    ],
    // Each victim weighs 2^31 more than its priority, so that two of a negative priority are worse than one.
    ['fewer victims', candidate('a', 0, victim('x', -5), victim('y', -9)), candidate('b', 0, victim('z', -5))],
    ['latest start', candidate('a', 0, victim('x', 5, 10)), candidate('b', 0, victim('y', 5, 11))],
    ['not started', candidate('a', 0, victim('x', 5, 10)), candidate('b', 0, victim('y', 5))],
  ])('goes by %s', (_criterion, worse, better) => {
    expect(best(worse, better)).toBe('b');
    expect(best(better, worse)).toBe('b');
  });

  it('leaves true ties to chance', () => {
    expect(best(candidate('a', 0, victim('x', 5, 10)), candidate('b', 0, victim('y', 5, 10)))).toBe('a,b');
  });

  it('counts victims where they weigh nothing, which only the lowest priority of all does', () => {
    const lowest = -2147483648;
    const two = candidate('a', 0, victim('x', lowest), victim('y', lowest));
    expect(best(two, candidate('b', 0, victim('z', lowest)))).toBe('b');
  });
});

describe('the number of candidates', () => {
  it.each([
    [50, 50],
    [100, 100],
    [999, 100],
    [1000, 100],
    [2000, 200],
    [2019, 201],
  ])('of %i nodes is %i', (nodes, wanted) => {
    expect(candidatesToFind(defaultPreemptionArgs, nodes)).toBe(wanted);
  });

  it('follows the args', () => {
    expect(candidatesToFind({ minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 3 }, 50)).toBe(3);
    expect(candidatesToFind({ minCandidateNodesPercentage: 100, minCandidateNodesAbsolute: 0 }, 50)).toBe(50);
  });
});

describe('the args of DefaultPreemption', () => {
  const problemsOf = (given: unknown): string => {
    const problems: { path: readonly (string | number)[]; message: string }[] = [];
    const args = readPreemptionArgs(given, problems);
    const all = problems.length > 0 ? problems : validatePreemptionArgs(args);
    return all.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  };
  const zero = { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 };

  it.each([
    [undefined, ''],
    [{ minCandidateNodesPercentage: 100, minCandidateNodesAbsolute: 0 }, ''],
    [
      { minCandidateNodesPercentage: 101 },
      'minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]',
    ],
    [
      { minCandidateNodesPercentage: -1 },
      'minCandidateNodesPercentage: Invalid value: -1: not in valid range [0, 100]',
    ],
    [{ minCandidateNodesAbsolute: -1 }, 'minCandidateNodesAbsolute: Invalid value: -1: not in valid range [0, inf)'],
    [
      zero,
      'minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute; ' +
        'minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage',
    ],
    [{ kind: 'NodeAffinityArgs' }, 'kind: Invalid value: "NodeAffinityArgs": has to match plugin args'],
  ])('%j: %s', (given, message) => {
    expect(problemsOf(given)).toBe(message);
  });
});
