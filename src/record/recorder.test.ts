import { describe, expect, test } from 'vitest';
import type { Facts } from './facts.ts';
import { Recorder } from './recorder.ts';

const fault = { id: 0, kind: 'nodeCrash', target: 'n', startsAt: 1, endsAt: undefined, nodes: ['n'] };

describe('the recorder', () => {
  test('tells each fact to those that have its method, in the order in which they came', () => {
    const recorder = new Recorder();
    const log: string[] = [];
    recorder.observe({ faultStarted: ({ kind }) => log.push(`first ${kind}`) });
    recorder.observe({ faultEnded: ({ kind }) => log.push(`ended ${kind}`) });
    recorder.observe({ faultStarted: ({ kind }) => log.push(`second ${kind}`) });
    recorder.faultStarted(fault);
    recorder.faultEnded(fault);
    expect(log).toEqual(['first nodeCrash', 'second nodeCrash', 'ended nodeCrash']);
  });

  test('hands every argument on, and knows every fact', () => {
    const recorder = new Recorder();
    const facts = Object.keys(recorder).filter((name) => typeof recorder[name as keyof Facts] === 'function');
    expect(facts).toContain('committed');
    expect(facts.length).toBeGreaterThan(10);
    for (const name of facts) {
      const seen: unknown[][] = [];
      recorder.observe({ [name]: (...values: unknown[]) => seen.push(values) });
      const values = ['a', 1, undefined, { name }, 'by'].slice(0, name === 'podHop' ? 3 : name === 'committed' ? 5 : 4);
      (recorder[name as keyof Facts] as (...all: unknown[]) => void)(...values);
      expect(seen).toEqual([values]);
    }
  });

  test('keeps an observer its own object', () => {
    class Counter {
      count = 0;
      podHop(): void {
        this.count++;
      }
      faultStarted(): void {
        this.count += 10;
      }
    }
    const recorder = new Recorder();
    const counters = [new Counter(), new Counter()];
    for (const counter of counters) recorder.observe(counter);
    recorder.podHop(1, 'bound', 5);
    recorder.faultStarted(fault);
    expect(counters.map(({ count }) => count)).toEqual([11, 11]);
  });

  test('without observers does nothing, and says that nobody wants a message', () => {
    const recorder = new Recorder();
    recorder.podHop(1, 'bound', 5);
    recorder.faultStarted(fault);
    expect(recorder.wants('reconciled')).toBe(false);
    recorder.observe({ reconciled: () => {} });
    expect(recorder.wants('reconciled')).toBe(true);
    expect(recorder.wants('kubeEvent')).toBe(false);
  });

  test.each(['committed', 'podHop'] as const)('says that somebody wants the hot fact %s', (name) => {
    const recorder = new Recorder();
    expect(recorder.wants(name)).toBe(false);
    recorder.observe({ [name]: () => {} });
    expect(recorder.wants(name)).toBe(true);
  });
});
