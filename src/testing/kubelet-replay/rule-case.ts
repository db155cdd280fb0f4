/** Cases of one rule of upstream each, made for tests: what the pods show. */
import type { KubeletOptions } from '../../kubelet/behavior.ts';
import type { RecordedAction, RecordedPod, RecordedScript } from './recording.ts';
import { playCase } from './replay.ts';

/** What a track shows, `@` whole seconds. */
export type Seen = (track: string) => readonly string[];

/** Plays the pods on a node of a class; `kubelet` is what differs from its configuration. */
export function played(
  pods: readonly RecordedPod[],
  actions: readonly RecordedAction[] = [],
  node = 'std',
  play = 0,
  kubelet: Partial<KubeletOptions> = {},
): Seen {
  const recorded = { id: 'rule', title: '', node, kubelet, seconds: 60, plays: 1, pods, actions, tracks: {} };
  const { tracks } = playCase(recorded, play);
  return (track) => (tracks.get(track) ?? []).map(({ what, t }) => `${what.join(' ')} @${Math.floor(t + 0.001)}`);
}

/** Plays one pod for a minute; its spec without braces. */
export function pod(spec: string, script: RecordedScript, actions: readonly RecordedAction[] = [], play = 0): Seen {
  return played([{ spec: `{${spec}}`, script }], actions, 'std', play);
}

/** The deletion of the pod. */
export const deleted = (at: number, grace?: number): RecordedAction => ({
  at,
  do: 'delete',
  ...(grace !== undefined && { grace }),
});
/** The calls that stop a container. */
export const stops = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.startsWith('StopContainer'));
