import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import type { FaultRecord } from '../record/facts.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { cluster, crash, crashNode, hang, taint } from '../testing/fault-cluster.ts';
import { faultsMetric } from './faults.ts';

describe('faults that meet, press and follow each other', () => {
  test('a hang that a kill ends before a probe noticed was overtaken by it; a kill tells how many pods it hit', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    script.at(100).recorder.faultStarted(hang);
    script.recorder.containerHung(pods[0]!, true);
    script.at(110).recorder.faultStarted({ ...hang, id: 1, kind: 'oomKill', startsAt: 110 * SECOND });
    for (const pod of pods) script.recorder.containerExited(pod, 0, 137, 'OOMKilled');
    script.at(111).running(pods[0]!, false);
    script.at(112).recorder.containerStarted(pods[0]!, 0, 1);
    script.at(113).running(pods[0]!, true);
    script.at(120).recorder.faultStarted({ ...hang, id: 2, kind: 'oomKill', startsAt: 120 * SECOND });
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { pods_hit: 1, overtaken_by: 1, detected_t_s: undefined, recovered_after_s: 0 },
      { pods_hit: 2, overtaken_by: undefined, recovered_after_s: 3 * SECOND },
      { pods_hit: 0, pods_lost: undefined },
    ]);
  });

  test('a hang on a machine that is lost was not noticed by a probe', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    script.at(90).recorder.faultStarted({ ...hang, startsAt: 90 * SECOND });
    script.recorder.containerHung(pods[0]!, true);
    crashNode(script, { ...crash, id: 1 });
    script.at(147).node('a', 'Unknown');
    script.running(pods[0]!, false);
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { detected_t_s: undefined, overtaken_by: 1, recovered_after_s: 0 },
      { detected_t_s: 147 * SECOND },
    ]);
  });

  test('a container of a pod without a controller is hit as well: no workload is short, but it is started again', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const bare = script.running(script.bind(script.pod('bare'), 'a'), true);
    script.at(100).recorder.faultStarted({ ...hang, kind: 'containerCrash' });
    script.recorder.containerExited(bare, 0, 137, '');
    script.at(101).running(bare, false);
    script.at(102).recorder.containerStarted(bare, 0, 1);
    script.at(150).status(bare, { phase: 'Failed' });
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { pods_hit: 1, detected_t_s: 101 * SECOND, restarted_t_s: 102 * SECOND, pods_lost: 0 },
    ]);
  });

  test('a machine that was silent when a second fault came is noticed under the first, which is told of alone', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    cluster(script);
    crashNode(script);
    const stop = { ...crash, id: 1, kind: 'kubeletStop', startsAt: 130 * SECOND };
    script.at(130).recorder.faultStarted(stop);
    script.recorder.faultStarted({ ...stop, id: 2, kind: 'zoneOutage', nodes: ['a', 'b'] });
    script.recorder.machineChanged('b', 'down');
    script.at(147).node('a', 'Unknown', {}, [taint]);
    script.at(177).node('b', 'Unknown', {}, [taint]);
    metric.finish(500 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { detected_t_s: 147 * SECOND, tainted_t_s: 147 * SECOND, noticed_under: undefined },
      { detected_t_s: undefined, tainted_t_s: undefined, noticed_under: 0 },
      { detected_t_s: 177 * SECOND, tainted_t_s: 177 * SECOND, noticed_under: undefined },
    ]);
  });

  const pressure: FaultRecord = { ...crash, kind: 'diskFull', endsAt: 200 * SECOND };

  test('pressure: what the kubelet tells, evicts and does not admit, until the condition is False again', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods, addPod } = cluster(script);
    script.at(100).recorder.faultStarted(pressure);
    script.at(109).status(pods[0]!, { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource' });
    script.at(111).node('a', 'True', {}, [], 'DiskPressure');
    script.at(120).recorder.faultStarted({ ...pressure, id: 1, startsAt: 120 * SECOND, endsAt: 130 * SECOND });
    script.at(130).recorder.faultEnded({ ...pressure, id: 1 });
    script.at(200).recorder.faultEnded(pressure);
    const refused = { phase: 'Failed', reason: 'Evicted', message: 'Pod was rejected: The node had' } as const;
    script.at(210).status(script.bind(addPod('web-c'), 'a'), refused);
    script.at(220).running(script.bind(addPod('web-d'), 'b'), true);
    script.at(500).node('a', 'True');
    metric.finish(600 * SECOND);
    const told = { pressure_t_s: undefined, relieved_t_s: 500 * SECOND, noticed_under: 0 };
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { pressure_t_s: 111 * SECOND, relieved_t_s: 500 * SECOND, pods_lost: 1, pods_evicted: 1, pods_refused: 0 },
      { ...told, pods_lost: 1, pods_evicted: 0, pods_refused: 1 },
    ]);
  });

  test('a fault that takes another pod after the recovery has recovered when that is replaced as well', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods, addPod } = cluster(script);
    const evicted = { phase: 'Failed', reason: 'Evicted' } as const;
    script.at(100).recorder.faultStarted(pressure);
    script.status(pods[0]!, evicted);
    const second = script.at(101).running(script.bind(addPod('web-c'), 'a'), true);
    script.at(150).status(second, evicted);
    script.at(170).running(script.bind(addPod('web-d'), 'b'), true);
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([{ pods_lost: 2, recovered_t_s: 170 * SECOND }]);
  });

  test('what recovered from a fault on another node has not, where the pods of this one are not ready later', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    const stops = ['a', 'b'].map((node, id) => ({ ...crash, kind: 'kubeletStop', id, target: node, nodes: [node] }));
    for (const stop of stops) {
      script.at(100).recorder.faultStarted(stop);
      script.recorder.machineChanged(stop.target, 'kubelet-stopped');
    }
    script.at(140).node('a', 'Unknown');
    script.running(pods[0]!, false);
    script.at(141).running(pods[0]!, true);
    script.at(150).node('b', 'Unknown');
    script.running(pods[1]!, false);
    script.at(180).running(pods[1]!, true);
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0]).map((row) => row['recovered_t_s'])).toEqual([141 * SECOND, 180 * SECOND]);
  });

  test('a pod that the taint takes after the node is ready again is lost as well', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    const record = { ...crash, endsAt: 400 * SECOND };
    crashNode(script, record);
    script.at(148).node('a', 'Unknown', {}, [taint]);
    script.at(400).recorder.machineChanged('a', 'up');
    script.recorder.faultEnded(record);
    script.at(401).node('a', 'True', {}, [taint]);
    script.at(402).running(pods[0]!, false);
    script.running(pods[0]!, true);
    script.at(403).terminate(pods[0]!, 'taint-eviction-controller');
    script.at(404).node('a', 'True');
    metric.finish(500 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([{ pods_lost: 1, evicted_t_s: 403 * SECOND }]);
  });

  test('a fault that comes before the recovery from another one asks for as many pods as there were before both', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods, addPod } = cluster(script);
    const first = { ...crash, endsAt: 103 * SECOND };
    crashNode(script, first);
    script.at(103).recorder.machineChanged('a', 'up');
    script.recorder.faultEnded(first);
    crashNode(script, { ...crash, id: 1, startsAt: 104 * SECOND });
    script.at(150).node('a', 'Unknown');
    script.at(450).terminate(pods[0]!);
    script.at(460).running(script.bind(addPod('web-c'), 'b'), true);
    metric.finish(500 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { pods_lost: 0, recovered_t_s: 460 * SECOND },
      { pods_lost: 1, recovered_t_s: 460 * SECOND },
    ]);
  });

  test('a new pod is made for one fault: for the one that has lost a pod which is not replaced yet', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods, addPod } = cluster(script);
    crashNode(script);
    crashNode(script, { ...crash, id: 1, target: 'b', startsAt: 120 * SECOND, nodes: ['b'] });
    script.at(150).node('a', 'Unknown');
    script.terminate(pods[0]!);
    const first = script.at(151).bind(addPod('web-c'), 'c');
    script.at(170).node('b', 'Unknown');
    script.terminate(pods[1]!);
    const second = script.at(171).bind(addPod('web-d'), 'c');
    script.at(180).running(first, true);
    script.running(second, true);
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { recreated_t_s: 151 * SECOND, scheduled_t_s: 151 * SECOND },
      { recreated_t_s: 171 * SECOND, scheduled_t_s: 171 * SECOND },
    ]);
  });

  test('what a node goes on under ends no pod: one that fails there was not lost by it', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    script.at(100).recorder.faultStarted({ ...crash, kind: 'nodeSlow' });
    script.at(101).recorder.faultStarted({ ...pressure, id: 1, startsAt: 101 * SECOND });
    script.at(110).status(pods[0]!, { phase: 'Failed' });
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([{ pods_lost: 0 }, { pods_lost: 0 }]);
  });

  test('pulls are counted for the outages of the registry that are on, and leaders that are missing have names', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const outage: FaultRecord = { ...crash, kind: 'registryOutage', target: '', nodes: [], endsAt: 130 * SECOND };
    script.at(100).recorder.faultStarted(outage);
    script.recorder.imagePulled('a', 'x', 0, 1, false);
    script.recorder.imagePulled('a', 'y', 0, 1, true);
    script.at(130).recorder.faultEnded(outage);
    script.recorder.imagePulled('a', 'z', 0, 1, false);
    script.at(140).recorder.faultStarted({ ...outage, id: 1, kind: 'apiServerOutage', startsAt: 140 * SECOND });
    for (const name of ['kube-scheduler', 'kube-controller-manager']) script.recorder.leaderChanged(name, 'none');
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { pulls: 2, pulls_failed: 1, without_leader: undefined },
      { pulls: undefined, without_leader: 'kube-scheduler, kube-controller-manager' },
    ]);
  });
});
