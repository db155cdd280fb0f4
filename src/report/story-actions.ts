import { groupBy } from './read-table.ts';
import type { StoryItem } from './report-input.ts';

/** What a user did, as the client told it. */
export interface ToldAction {
  /** Microseconds of virtual time. */
  readonly t: number;
  readonly verb: string;
  readonly target: string;
  /** Answer of the API server; empty where there is nothing to say. */
  readonly message: string;
}

const verbs: ReadonlyMap<string, string> = new Map([
  ['apply', 'applied'],
  ['scale', 'scaled'],
  ['setImage', 'gave a new image to'],
  ['restart', 'restarted'],
  ['pause', 'paused'],
  ['resume', 'resumed'],
  ['undo', 'rolled back'],
  ['delete', 'deleted'],
  ['cordon', 'cordoned'],
  ['uncordon', 'uncordoned'],
  ['drain', 'drained'],
]);

const NAMED_MAX = 2;
/** What is applied this early is how the run begins, not something that happens to it; microseconds. */
const BEGINNING_US = 60_000_000;

/**
 * The actions of users as items of the story: those of one kind in one go are one item. Manifests that are applied at the
 * beginning are left out.
 */
export function actionItems(actions: readonly ToldAction[]): StoryItem[] {
  const told = actions.filter(({ verb, t }) => verb !== 'apply' || t >= BEGINNING_US);
  const groups = groupBy(told, ({ t, verb }) => `${Math.floor(t / 1_000_000)} ${verb}`);
  return [...groups.values()].map((group): StoryItem => {
    const [first] = group;
    const names = group.slice(0, NAMED_MAX).map(({ target }) => target);
    const rest = group.length - names.length;
    const targets = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    const detail = group.length === 1 ? first!.message : '';
    return { t: first!.t, what: `user ${verbs.get(first!.verb) ?? first!.verb} ${targets}`, detail };
  });
}
