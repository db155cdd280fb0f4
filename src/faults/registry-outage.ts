import { defineServiceFault } from './service-fault.ts';

/** Image pulls fail (ErrImagePull, then ImagePullBackOff), or take longer. Cached images are not touched. */
export const registryOutage = defineServiceFault({
  name: 'registryOutage',
  description: 'the image registry does not answer, or answers slowly',
  target: ({ slowdown }) => (slowdown === undefined ? 'image registry' : 'slow image registry'),
  stream: 'image registry',
  extra: {
    slowdown: { type: 'number', description: 'pulls take this many times as long instead of failing' },
  } as const,
  problem: (args) => (args.slowdown !== undefined && args.slowdown < 1 ? '"slowdown" must be at least 1' : undefined),
  begin: (targets, args) =>
    args.slowdown === undefined ? targets.setRegistryAvailable(false) : targets.beginRegistrySlowdown(args.slowdown),
  end: (targets, args) =>
    args.slowdown === undefined ? targets.setRegistryAvailable(true) : targets.endRegistrySlowdown(args.slowdown),
});
