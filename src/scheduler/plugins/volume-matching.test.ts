import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { newObjectMeta } from '../../api/meta-v1.ts';
import { decodedAs } from '../../testing/decode.ts';
import { VolumeAffinity, boundVolume, candidatesFor, findMatchingVolume } from './volume-matching.ts';

interface DrawnVolume {
  readonly gib: number;
  readonly host: string;
  readonly ref: 'none' | 'own' | 'other' | 'old';
  readonly phase: string;
  readonly label: string;
  readonly isBlock: boolean;
  readonly isTaken: boolean;
  readonly isDeleted: boolean;
}

const drawnVolume: fc.Arbitrary<DrawnVolume> = fc.record({
  gib: fc.integer({ min: 1, max: 4 }),
  host: fc.constantFrom('', 'a', 'b', 'a b', 'a|b', 'not b'),
  ref: fc.constantFrom('none', 'none', 'none', 'own', 'other', 'old'),
  phase: fc.constantFrom('Available', 'Available', 'Pending', 'Bound'),
  label: fc.constantFrom('x', 'y'),
  isBlock: fc.boolean(),
  isTaken: fc.boolean(),
  isDeleted: fc.boolean(),
});

function claimOf(gib: number, label: string | undefined): PersistentVolumeClaim {
  const selector = label === undefined ? {} : { selector: { matchLabels: { label } } };
  const resources = { requests: { storage: `${gib}Gi` } };
  const spec = { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'c', ...selector };
  const kind = 'PersistentVolumeClaim' as const;
  const claim = decodedAs(kind, { apiVersion: 'v1', kind, metadata: { name: 'own' }, spec });
  return { ...claim, metadata: { ...newObjectMeta({ name: 'own', namespace: 'default' }), uid: 7 } };
}

function volumeOf({ gib, host, ref, phase, label, isBlock, isDeleted }: DrawnVolume, at: number): PersistentVolume {
  const nodeSelectorTerms = host.split('|').map((values) => ({
    matchExpressions: [
      host === 'not b'
        ? { key: 'host', operator: 'NotIn', values: ['b'] }
        : { key: 'host', operator: 'In', values: values.split(' ') },
    ],
  }));
  const claimRef = {
    namespace: 'default',
    name: ref === 'other' ? 'other' : 'own',
    ...(ref === 'old' && { uid: 'x' }),
  };
  return decodedAs('PersistentVolume', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `v${at}`, labels: { label }, ...(isDeleted && { deletionTimestamp: 'now' }) },
    spec: {
      accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
      capacity: { storage: `${gib}Gi` },
      hostPath: { path: '/' },
      storageClassName: 'c',
      volumeMode: isBlock ? 'Block' : 'Filesystem',
      ...(host !== '' && { nodeAffinity: { required: { nodeSelectorTerms } } }),
      ...(ref !== 'none' && { claimRef }),
    },
    status: { phase },
  });
}

/** The rules one after another, as the documentation of the binding of volumes has them. */
function naiveChoice(drawn: readonly DrawnVolume[], gib: number, label: string | undefined): number | undefined {
  let best: number | undefined;
  for (const [at, volume] of drawn.entries()) {
    if (volume.isTaken || volume.isBlock || volume.isDeleted || volume.gib < gib) continue;
    if (volume.ref === 'other' || volume.ref === 'old') continue;
    const isReached = volume.host !== 'b';
    if (volume.ref === 'own') return isReached ? at : undefined;
    if (volume.phase !== 'Available' || !isReached) continue;
    if (label !== undefined && volume.label !== label) continue;
    if (best === undefined || volume.gib < drawn[best]!.gib) best = at;
  }
  return best;
}

describe('the choice of a volume', () => {
  it('is that of a naive search over all volumes, for any volumes', () => {
    const label = fc.constantFrom('x', undefined);
    fc.assert(
      fc.property(
        fc.array(drawnVolume, { maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        label,
        (drawn, gib, wanted) => {
          const volumes = drawn.map(volumeOf);
          const taken = volumes.filter((_, at) => drawn[at]!.isTaken);
          const candidates = candidatesFor(claimOf(gib, wanted), volumes);
          const found = findMatchingVolume(candidates, { host: 'a' }, taken, new VolumeAffinity());
          const expected = naiveChoice(drawn, gib, wanted);
          expect(found).toBe(expected === undefined ? undefined : volumes[expected]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a volume that is given to a claim', () => {
  const drawn = { gib: 1, host: '', phase: 'Available', label: '', isBlock: false, isTaken: false, isDeleted: false };
  const claim = claimOf(1, undefined);
  const annotation = 'pv.kubernetes.io/bound-by-controller';

  it('says whose it is, and that a controller said so', () => {
    const { spec, metadata } = boundVolume(volumeOf({ ...drawn, ref: 'none' }, 0), claim);
    expect(spec.claimRef).toEqual({ namespace: 'default', name: 'own', uid: 7 });
    expect(metadata.annotations).toEqual({ [annotation]: 'yes' });
  });

  it('gets only the uid where a user has said so before, and nothing where all is said', () => {
    const bound = boundVolume(volumeOf({ ...drawn, ref: 'own' }, 0), claim);
    expect(bound.spec.claimRef?.uid).toBe(7);
    expect(bound.metadata.annotations).toEqual({});
    expect(boundVolume(bound, claim)).toBe(bound);
  });
});
