import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import type { FaultRecord } from '../record/facts.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import { cluster, crash, crashNode, hang, taint } from '../testing/fault-cluster.ts';
import { faultsMetric } from './faults.ts';

describe('table faults', () => {
  test('a crash for ever: detected, tainted, evicted, recovered, each at its instant', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods, addPod } = cluster(script);
    crashNode(script);
    script.at(147).node('a', 'Unknown');
    script.at(148).node('a', 'Unknown', {}, [taint]);
    script.at(448).terminate(pods[0]!);
    const replacement = script.bind(addPod('web-new'), 'b');
    script.at(455).recorder.podHop(replacement.metadata.uid, 'pulled', 455 * SECOND);
    script.at(460).running(replacement, true);
    script.at(470).running(replacement, false);
    script.at(475).running(replacement, true);
    script.at(480).remove('Pod', pods[0]!);
    metric.finish(500 * SECOND);
    expect(recordsOf(metric.tables()[0])).toEqual([
      {
        ...{ id: 0, kind: 'nodeCrash', target: 'a', starts_t_s: 100 * SECOND, ends_t_s: undefined, nodes: 1 },
        detected_t_s: 147 * SECOND,
        tainted_t_s: 148 * SECOND,
        evicted_t_s: 448 * SECOND,
        recovered_t_s: 460 * SECOND,
        pods_lost: 1,
        detected_after_s: 47 * SECOND,
        tainted_after_s: 48 * SECOND,
        evicted_after_s: 348 * SECOND,
        recovered_after_s: 360 * SECOND,
        restarted_t_s: undefined,
        recreated_t_s: 448 * SECOND,
        scheduled_t_s: 448 * SECOND,
        pulled_t_s: 455 * SECOND,
        tolerated_s: 0,
        recreated_for: 'ReplicaSet',
        taint_rule: 'node-eviction-rate 0.1/s',
        taken_over_t_s: undefined,
        bare_pods_lost: 0,
        scheduler_taken_over_t_s: undefined,
        controllers_taken_over_t_s: undefined,
        leaders_lost: 0,
        noticed_under: undefined,
        ready_became: 'Unknown',
        ...{ pods_hit: undefined, overtaken_by: undefined, without_leader: undefined },
        ...{ pressure_t_s: undefined, relieved_t_s: undefined, pods_evicted: undefined, pods_refused: undefined },
        ...{ pulls: undefined, pulls_failed: undefined },
      },
    ]);
    const figures = metric.figures!();
    const names = ['detected.max', 'tainted.max', 'evicted.max', 'recovered.mean'];
    expect(names.map((name) => figures.get(`faults.${name}`))).toEqual([47, 48, 348, 360].map((s) => s * SECOND));
    expect(['count', 'unrecovered', 'pods.lost'].map((name) => figures.get(`faults.${name}`))).toEqual([1, 0, 1]);
  });

  test('pods without a controller are lost, and told apart from those that are replaced', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    const bare = script.running(script.bind(script.pod('bare'), 'a'), true);
    crashNode(script);
    script.at(148).node('a', 'Unknown', {}, [taint]);
    script.at(448).terminate(pods[0]!);
    script.terminate(bare);
    metric.finish(500 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['pods_lost'], row!['bare_pods_lost']]).toEqual([2, 1]);
  });

  test('a reboot before anybody notices: recovered when the pods are ready again, nothing evicted', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    const record = { ...crash, endsAt: 110 * SECOND };
    crashNode(script, record);
    script.at(110).recorder.machineChanged('a', 'up');
    script.recorder.faultEnded(record);
    script.at(118).status(pods[0]!, { startTime: 118 });
    script.at(200).terminate(pods[0]!);
    metric.finish(300 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['detected_t_s'], row!['evicted_t_s'], row!['recovered_after_s'], row!['pods_lost']]).toEqual([
      ...[undefined, undefined, 18 * SECOND, 0],
    ]);
  });

  test('what a user deletes before anybody noticed is not evicted, and a node that was not ready is not detected', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    script.at(50).node('b', 'False');
    crashNode(script, { ...crash, nodes: ['a', 'b'] });
    script.at(110).terminate(pods[0]!);
    script.at(120).node('b', 'Unknown');
    metric.finish(130 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['detected_t_s'], row!['evicted_t_s'], row!['pods_lost']]).toEqual([undefined, undefined, 0]);
  });

  test('of several faults on one node that which silenced it takes the blame: a lost pod is counted once', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    script.recorder.faultStarted({ ...crash, id: 2, kind: 'nodeSlow', startsAt: 50 * SECOND });
    crashNode(script);
    script.at(147).node('a', 'Unknown');
    script.at(148).node('a', 'Unknown', {}, [taint]);
    script.at(200).recorder.faultStarted({ ...crash, id: 1, kind: 'nodePartition', startsAt: 200 * SECOND });
    script.at(448).terminate(pods[0]!);
    metric.finish(500 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { id: 2, pods_lost: 0, evicted_t_s: undefined },
      { id: 0, pods_lost: 1, evicted_t_s: 448 * SECOND, tolerated_s: expect.anything() },
      { id: 1, pods_lost: 0, evicted_t_s: undefined, tolerated_s: undefined },
    ]);
    expect(metric.figures?.()).toContainEqual(['faults.pods.lost', 1]);
  });

  test('a second fault on a node that is not ready any more was noticed under the first; one on a ready node was not', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    cluster(script);
    crashNode(script);
    script.at(147).node('a', 'Unknown');
    const partition = { ...crash, id: 1, kind: 'nodePartition' };
    script.at(200).recorder.faultStarted({ ...partition, startsAt: 200 * SECOND });
    script.at(210).recorder.faultStarted({ ...partition, id: 2, startsAt: 210 * SECOND, nodes: ['a', 'b'] });
    metric.finish(500 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { detected_t_s: 147 * SECOND, noticed_under: undefined },
      { detected_t_s: undefined, noticed_under: 0 },
      { detected_t_s: undefined, noticed_under: undefined },
    ]);
  });

  test('of an outage that takes two leaders each take-over has its cell, both together only when both are there', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const outage: FaultRecord = { ...crash, kind: 'apiServerOutage', target: '', nodes: [], endsAt: 160 * SECOND };
    script.at(100).recorder.faultStarted(outage);
    script.at(110).recorder.leaderChanged('kube-scheduler', 'none');
    script.at(111).recorder.leaderChanged('kube-controller-manager', 'none');
    script.at(177).recorder.leaderChanged('kube-scheduler', 'restarted');
    const rowNow = () => recordsOf(metric.tables()[0])[0]!;
    expect(rowNow()).toMatchObject({ leaders_lost: 2, scheduler_taken_over_t_s: 177 * SECOND });
    expect(rowNow()['taken_over_t_s']).toBeUndefined();
    script.at(180).recorder.leaderChanged('kube-controller-manager', 'restarted');
    expect(rowNow()).toMatchObject({
      taken_over_t_s: 180 * SECOND,
      scheduler_taken_over_t_s: 177 * SECOND,
      controllers_taken_over_t_s: 180 * SECOND,
    });
  });

  test('an outage whose leader was missing when another fault took its process is over with the same take-over', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const outage: FaultRecord = { ...crash, kind: 'etcdLeaderLoss', target: '', nodes: [], endsAt: 130 * SECOND };
    script.at(100).recorder.faultStarted(outage);
    script.at(110).recorder.leaderChanged('kube-scheduler', 'none');
    const down = { ...outage, id: 1, kind: 'componentDown', target: 'kube-scheduler', startsAt: 120 * SECOND };
    script.at(120).recorder.faultStarted(down);
    script.at(149).recorder.leaderChanged('kube-scheduler', 'standby');
    const cells = { scheduler_taken_over_t_s: 149 * SECOND, leaders_lost: 1 };
    expect(recordsOf(metric.tables()[0])).toMatchObject([cells, cells]);
  });

  test('what a node had before it fell silent by another fault is not what was noticed', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    cluster(script);
    script.recorder.faultStarted({ ...crash, id: 2, kind: 'memoryPressure', startsAt: 50 * SECOND });
    crashNode(script);
    script.at(147).node('a', 'Unknown', {}, [taint]);
    metric.finish(500 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      { id: 2, detected_t_s: undefined, tainted_t_s: undefined },
      { id: 0, detected_t_s: 147 * SECOND, tainted_t_s: 147 * SECOND },
    ]);
  });

  test('a partition is felt when the node controller marks the pods, not before', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    const record: FaultRecord = { ...crash, kind: 'nodePartition', endsAt: 200 * SECOND };
    script.at(100).recorder.faultStarted(record);
    script.recorder.machineChanged('a', 'partitioned');
    script.at(145).node('a', 'Unknown');
    script.running(pods[0]!, false);
    script.at(200).recorder.machineChanged('a', 'up');
    script.recorder.faultEnded(record);
    script.at(201).node('a', 'True');
    script.at(203).running(pods[0]!, true);
    metric.finish(300 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['detected_after_s'], row!['recovered_after_s'], row!['pods_lost']]).toEqual([
      ...[45 * SECOND, 103 * SECOND, 0],
    ]);
  });

  test('the last of several pods counts for the eviction, and what was not replaced is not recovered', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods, addPod } = cluster(script);
    const late = script.bind(addPod('web-late'), 'a');
    crashNode(script);
    script.at(145).node('a', 'Unknown', {}, [taint]);
    script.at(440).terminate(pods[0]!);
    script.at(445).remove('Pod', late);
    script.at(450).remove('Pod', pods[0]!);
    metric.finish(500 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['evicted_after_s'], row!['recovered_t_s'], row!['pods_lost']]).toEqual([345 * SECOND, undefined, 2]);
    expect(metric.figures!().get('faults.unrecovered')).toBe(1);
  });

  test('a pod that comes to the node after the crash is hurt too; a failed pod is lost', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    script.node('a', 'True');
    const set = script.replicaSet('late', 1);
    crashNode(script);
    const pod = script.at(110).bind(script.pod('late-1', {}, set), 'a');
    script.at(120).status(pod, { phase: 'Failed' });
    const replacement = script.bind(script.pod('late-2', {}, set), 'b');
    script.at(130).running(replacement, true);
    metric.finish(200 * SECOND);
    const [row] = recordsOf(metric.tables()[0]);
    expect([row!['pods_lost'], row!['recovered_after_s']]).toEqual([1, 30 * SECOND]);
  });

  test('a workload that was short before, for another reason, need not be complete for the recovery', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    script.node('a', 'True');
    const set = script.replicaSet('loop', 3);
    const pods = ['1', '2'].map((name) => script.bind(script.pod(`loop-${name}`, {}, set), 'a'));
    script.running(pods[0]!, true);
    crashNode(script);
    script.at(440).terminate(pods[0]!);
    script.at(450).running(script.bind(script.pod('loop-3', {}, set), 'b'), true);
    metric.finish(500 * SECOND);
    expect(recordsOf(metric.tables()[0])[0]!['recovered_after_s']).toBe(350 * SECOND);
  });

  test('a fault that hits no node has no cells of recovery; one that hurts nobody is recovered at once', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    script.node('a', 'True');
    script.recorder.faultStarted({ ...crash, kind: 'registryOutage', target: 'registry', nodes: [], startsAt: 0 });
    crashNode(script, { ...crash, id: 1 });
    script.at(145).node('a', 'Unknown');
    metric.finish(200 * SECOND);
    const rows = recordsOf(metric.tables()[0]);
    const cells = rows.map((row) => [
      row['nodes'],
      row['detected_after_s'],
      row['recovered_after_s'],
      row['pods_lost'],
    ]);
    expect(cells).toEqual([
      [0, undefined, undefined, undefined],
      [1, 45 * SECOND, 0, 0],
    ]);
    expect(metric.figures!().get('faults.count')).toBe(2);
  });

  test('containers that hang: a probe notices, the container is started again, the workload has recovered', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    script.at(100).recorder.faultStarted(hang);
    script.recorder.containerHung(pods[0]!, true);
    script.at(115).running(pods[0]!, false);
    script.at(148).recorder.containerExited(pods[0]!, 0, 137, 'Error');
    script.at(149).recorder.containerStarted(pods[0]!, 0, 1);
    script.at(150).running(pods[0]!, true);
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([
      {
        detected_t_s: 115 * SECOND,
        restarted_t_s: 149 * SECOND,
        recovered_t_s: 150 * SECOND,
        pods_lost: 0,
        evicted_t_s: undefined,
      },
    ]);
  });

  test('a hang that is over before anybody noticed has hurt nobody, whatever becomes of the pod later', () => {
    const script = new FactScript();
    const metric = script.start(faultsMetric);
    const { pods } = cluster(script);
    const record = { ...hang, endsAt: 103 * SECOND };
    script.at(100).recorder.faultStarted(record);
    script.recorder.containerHung(pods[0]!, true);
    script.at(103).recorder.containerHung(pods[0]!, false);
    script.recorder.faultEnded(record);
    script.at(120).running(pods[0]!, false);
    metric.finish(200 * SECOND);
    expect(recordsOf(metric.tables()[0])).toMatchObject([{ detected_t_s: undefined, recovered_after_s: 0 }]);
  });
});
