import { describe, expect, it } from 'vitest';
import { SchedulerFixture, verdictText } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';
import { Status } from '../framework/status.ts';

const refused = "UnschedulableAndUnresolvable: node(s) didn't match Pod's node affinity/selector";
const expression = (key: string, operator: string, ...values: string[]): object => ({ key, operator, values });
const required = (...nodeSelectorTerms: object[]): object => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const preferred = (...terms: (readonly [number, object])[]): Record<string, unknown> => ({
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: terms.map(([weight, match]) => ({
        weight,
        preference: { matchExpressions: [match] },
      })),
    },
  },
});

function twoNodes(config?: unknown): SchedulerFixture {
  const fixture = new SchedulerFixture(config);
  fixture.node('ssd', { labels: { disk: 'ssd', cores: '16' } });
  fixture.node('hdd', { labels: { disk: 'hdd', cores: '007' } });
  return fixture;
}

/** The nodes that NodeAffinity lets a pod of this spec run on. */
function passing(spec: object): readonly string[] {
  const fixture = twoNodes();
  const verdicts = fixture.verdicts('NodeAffinity', fixture.pod(spec as Record<string, unknown>));
  for (const verdict of verdicts.values()) expect(['ok', refused]).toContain(verdict);
  return [...verdicts].filter(([, verdict]) => verdict === 'ok').map(([name]) => name);
}

describe('the filter of NodeAffinity', () => {
  it.each([
    [{ nodeSelector: { disk: 'ssd' } }, ['ssd']],
    [{ nodeSelector: { disk: 'ssd', cores: '8' } }, []],
    [required({ matchExpressions: [expression('disk', 'In', 'hdd', 'tape')] }), ['hdd']],
    [required({ matchExpressions: [expression('disk', 'NotIn', 'hdd')] }), ['ssd']],
    [required({ matchExpressions: [expression('gpu', 'NotIn', 'a100')] }), ['ssd', 'hdd']],
    [required({ matchExpressions: [expression('gpu', 'Exists')] }), []],
    [required({ matchExpressions: [expression('gpu', 'DoesNotExist')] }), ['ssd', 'hdd']],
    [required({ matchExpressions: [expression('cores', 'Gt', '7')] }), ['ssd']],
    // 007 is 7.
    [required({ matchExpressions: [expression('cores', 'Lt', '8')] }), ['hdd']],
    // Terms are ORed, expressions of one term ANDed.
    [
      required(
        { matchExpressions: [expression('disk', 'In', 'ssd'), expression('cores', 'In', '1')] },
        { matchExpressions: [expression('disk', 'In', 'hdd')] },
      ),
      ['hdd'],
    ],
    // An empty term matches nothing, one that cannot be parsed neither; the other terms still count.
    [required({}, { matchExpressions: [expression('disk', 'In', 'ssd')] }), ['ssd']],
    [
      required(
        { matchExpressions: [expression('cores', 'Gt', '1x')] },
        { matchExpressions: [expression('disk', 'In', 'hdd')] },
      ),
      ['hdd'],
    ],
    [required(), []],
    [required({ matchFields: [expression('metadata.name', 'NotIn', 'ssd')] }), ['hdd']],
    // Both must hold.
    [{ nodeSelector: { disk: 'ssd' }, ...required({ matchExpressions: [expression('disk', 'Exists')] }) }, ['ssd']],
  ])('with %j passes %j', (spec, names) => {
    expect(passing(spec)).toEqual(names);
  });
});

describe('the PreFilter of NodeAffinity', () => {
  const fixture = twoNodes();
  const ask = (spec: object): unknown => {
    const pod = fixture.pod(spec as Record<string, unknown>);
    const answer = fixture.plugin('NodeAffinity').preFilter!(new CycleState(), pod, fixture.nodes);
    return answer instanceof Status ? verdictText(answer) : answer?.nodeNames;
  };
  const named = (...names: string[]): object => expression('metadata.name', 'In', ...names);

  it('skips pods that ask for nothing', () => {
    expect(ask({})).toBe('Skip: ');
    expect(ask(preferred([1, expression('disk', 'Exists')]))).toBe('Skip: ');
  });

  it('narrows the nodes only if every term names some', () => {
    expect(ask(required({ matchFields: [named('a')] }, { matchFields: [named('b')] }))).toEqual(new Set(['a', 'b']));
    expect(ask(required({ matchFields: [named('a')] }, { matchExpressions: [expression('x', 'Exists')] }))).toBe(
      undefined,
    );
  });

  it('refuses a pod whose terms name no node in common', () => {
    expect(ask(required({ matchFields: [named('a'), named('b')] }))).toBe(
      'UnschedulableAndUnresolvable: pod affinity terms conflict',
    );
  });
});

describe('the score of NodeAffinity', () => {
  it('adds the weights of the terms that match', () => {
    const fixture = twoNodes();
    const terms = preferred([30, expression('disk', 'In', 'ssd')], [10, expression('cores', 'Exists')]);
    // ssd 30 + 10, hdd 10: 100 * 10 div 40 = 25.
    expect(fixture.scores('NodeAffinity', fixture.pod(terms))).toEqual({ raw: [40, 10], normalized: [100, 25] });
  });

  it('gives 0 to all where nothing matches, and skips pods without preferences', () => {
    const fixture = twoNodes();
    const terms = preferred([30, expression('disk', 'In', 'tape')]);
    expect(fixture.scores('NodeAffinity', fixture.pod(terms))).toEqual({ raw: [0, 0], normalized: [0, 0] });
    expect(fixture.scores('NodeAffinity', fixture.pod())).toBeUndefined();
  });

  it('fails the decision where a preferred term cannot be parsed', () => {
    const fixture = twoNodes();
    const answer = fixture.scores('NodeAffinity', fixture.pod(preferred([1, expression('cores', 'Gt', '-10')])));
    expect(answer instanceof Status && verdictText(answer)).toMatch(/^Error: values: Invalid value/);
  });
});

describe('addedAffinity', () => {
  const config = (addedAffinity: object): object => ({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ pluginConfig: [{ name: 'NodeAffinity', args: { addedAffinity } }] }],
  });
  const terms = (match: object): object => ({ nodeSelectorTerms: [{ matchExpressions: [match] }] });

  it('holds for every pod, before its own, with a text of its own', () => {
    const added = { requiredDuringSchedulingIgnoredDuringExecution: terms(expression('disk', 'In', 'ssd')) };
    const fixture = twoNodes(config(added));
    expect([...fixture.verdicts('NodeAffinity', fixture.pod({ nodeSelector: { disk: 'hdd' } }))]).toEqual([
      ['ssd', refused],
      ['hdd', "UnschedulableAndUnresolvable: node(s) didn't match scheduler-enforced node affinity"],
    ]);
    expect(fixture.verdicts('NodeAffinity', fixture.pod()).get('ssd')).toBe('ok');
  });

  it('adds its preferences to those of the pod', () => {
    const match = { matchExpressions: [expression('disk', 'In', 'hdd')] };
    const added = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, preference: match }] };
    const fixture = twoNodes(config(added));
    expect(fixture.scores('NodeAffinity', fixture.pod())).toEqual({ raw: [0, 5], normalized: [0, 100] });
    const own = fixture.pod(preferred([20, expression('disk', 'In', 'ssd')]));
    // 100 * 5 div 20 = 25.
    expect(fixture.scores('NodeAffinity', own)).toEqual({ raw: [20, 5], normalized: [100, 25] });
  });
});

describe('the hint of NodeAffinity', () => {
  it('sees a chance in a node that begins to match', () => {
    const fixture = twoNodes();
    const [onNode] = fixture.plugin('NodeAffinity').eventsToRegister!();
    const [ssd, hdd] = fixture.nodes.map(({ node }) => node!);
    const pod = fixture.pod({ nodeSelector: { disk: 'ssd' } });
    expect(onNode!.hint!(pod, undefined, ssd)).toBe('Queue');
    expect(onNode!.hint!(pod, undefined, hdd)).toBe('Skip');
    expect(onNode!.hint!(pod, hdd, ssd)).toBe('Queue');
    expect(onNode!.hint!(pod, ssd, ssd)).toBe('Skip');
  });
});
