import { describe, expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import { LeaderElection, acquireDelay, takeOverDelay } from './leader-election.ts';

function setUp() {
  const engine = new Engine({ seed: '1', createHash: nodeSha256 });
  const log: string[] = [];
  const say = (what: string) => (): void => void log.push(`${Math.round(engine.now / SECOND)} ${what}`);
  const election = new LeaderElection('kube-scheduler', engine, { stop: say('stop'), start: say('start') });
  const clock = engine.register({ name: 'clock', phase: 15, observer: true, handle: () => undefined });
  const until = (seconds: number): void => {
    engine.at(seconds * SECOND, clock, 0);
    engine.run({ until: seconds * SECOND });
  };
  return { election, log, until };
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
    const { election, log, until } = setUp();
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
