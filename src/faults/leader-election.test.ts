import { describe, expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { Recorder } from '../record/recorder.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import { LeaderElection, acquireDelay, takeOverDelay } from './leader-election.ts';

function setUp() {
  const engine = new Engine({ seed: '1', createHash: nodeSha256 });
  const log: string[] = [];
  const say = (what: string) => (): void => void log.push(`${Math.round(engine.now / SECOND)} ${what}`);
  const recorder = new Recorder();
  const leaders: string[] = [];
  recorder.observe({ leaderChanged: (component, leader) => void leaders.push(`${component} ${leader}`) });
  const election = new LeaderElection('kube-scheduler', engine, { stop: say('stop'), start: say('start') }, recorder);
  const clock = engine.register({ name: 'clock', phase: 15, observer: true, handle: () => undefined });
  const until = (seconds: number): void => {
    engine.at(seconds * SECOND, clock, 0);
    engine.run({ until: seconds * SECOND });
  };
  return { election, log, leaders, until };
}

describe('times of leader election', () => {
  const engine = new Engine({ seed: '1', createHash: nodeSha256 });
  const sample = (delay: typeof takeOverDelay): number[] =>
    Array.from({ length: 20_000 }, (_, i) => delay(engine.entityRandom('test', String(i))) / SECOND);

  test('a take-over comes 13 to 23.8 s after the end of the leader, 17.4 s on average', () => {
    const delays = sample(takeOverDelay);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(13);
    expect(Math.max(...delays)).toBeLessThanOrEqual(23.8);
    const mean = delays.reduce((sum, each) => sum + each, 0) / delays.length;
    expect(Math.abs(mean - 17.4)).toBeLessThan(0.3);
  });

  test('a process that finds the lease of another one waits for 15 to 19.4 s', () => {
    const delays = sample(acquireDelay);
    expect(Math.min(...delays)).toBeGreaterThan(15);
    expect(Math.max(...delays)).toBeLessThanOrEqual(19.4);
  });
});

describe('the processes of a component', () => {
  const three = { replicas: 3, leaderElect: true };
  const one = { replicas: 1, leaderElect: true };

  test('take over as long as one is left', () => {
    const { election, log, leaders, until } = setUp();
    election.lose(three);
    until(100);
    election.lose(three);
    until(200);
    election.lose(three);
    until(300);
    expect(log.map((line) => line.split(' ')[1])).toEqual(['stop', 'start', 'stop', 'start', 'stop']);
    election.regain(three);
    until(400);
    const [at, what] = log.at(-1)!.split(' ');
    expect(what).toBe('start');
    expect(Number(at)).toBeGreaterThanOrEqual(315);
    expect(Number(at)).toBeLessThanOrEqual(320);
    const told = ['none', 'standby', 'none', 'standby', 'none', 'restarted'];
    expect(leaders).toEqual(told.map((leader) => `kube-scheduler ${leader}`));
  });

  test('one that comes back while another leads stands by', () => {
    const { election, log, until } = setUp();
    election.lose(three);
    until(100);
    election.regain(three);
    until(200);
    expect(log).toHaveLength(2);
  });

  test('the last candidate may go before it has taken over', () => {
    const { election, log, until } = setUp();
    const two = { replicas: 2, leaderElect: true };
    election.lose(two);
    until(5);
    election.lose(two);
    until(100);
    expect(log).toEqual(['0 stop']);
    election.regain(one);
    election.regain(one);
    until(200);
    expect(log).toHaveLength(2);
  });
});

describe('the API server out of reach', () => {
  /** Seconds of what happens, for an outage that begins at 100 s. */
  const outage = (seconds: number, before: (election: LeaderElection) => void = () => undefined): readonly string[] => {
    const { election, log, until } = setUp();
    before(election);
    until(100);
    election.reach(false);
    until(100 + seconds);
    election.reach(true);
    until(1000);
    return log;
  };

  test('for 8 s: one of the tries succeeds in time', () => expect(outage(8)).toEqual([]));

  test('for a minute: the leader ends 10 to 12 s later, and its next process waits for the lease from then on', () => {
    const [stop, start, ...others] = outage(60);
    expect(others).toEqual([]);
    expect(stop).toMatch(/ stop$/);
    expect(Number.parseInt(stop!, 10)).toBeGreaterThanOrEqual(110);
    expect(Number.parseInt(stop!, 10)).toBeLessThanOrEqual(112);
    expect(start).toMatch(/ start$/);
    expect(Number.parseInt(start!, 10)).toBeGreaterThanOrEqual(175);
    expect(Number.parseInt(start!, 10)).toBeLessThanOrEqual(184);
  });

  test('with others that stand by: they have seen the lease run out, and take it with their first look', () => {
    const log = outage(60, (election) => {
      election.lose({ replicas: 3, leaderElect: true });
    });
    // The third process took over after the loss of the first.
    expect(log.map((line) => line.split(' ')[1])).toEqual(['stop', 'start', 'stop', 'start']);
    expect(Number.parseInt(log[3]!, 10)).toBeGreaterThanOrEqual(160);
    expect(Number.parseInt(log[3]!, 10)).toBeLessThanOrEqual(165);
  });

  test('when the take-over was due: it waits until somebody answers', () => {
    const { election, log, until } = setUp();
    election.lose({ replicas: 2, leaderElect: true });
    until(5);
    election.reach(false);
    until(60);
    expect(log).toEqual(['0 stop']);
    election.reach(true);
    until(100);
    expect(Number.parseInt(log[1]!, 10)).toBeLessThanOrEqual(65);
  });

  test('where nobody is left nobody takes over', () => {
    const log = outage(60, (election) => {
      election.lose({ replicas: 1, leaderElect: true });
    });
    expect(log).toEqual(['0 stop']);
  });
});
