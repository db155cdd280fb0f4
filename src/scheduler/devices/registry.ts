/** All kinds of devices that tables and checks know. Adding one: its file, its plugin, its test and one line here. */
import type { DeviceKind } from './device-kind.ts';
import { sharedGpus } from './shared-gpus.ts';

/** In the order of the columns of tables. */
export const deviceKinds: readonly DeviceKind[] = [sharedGpus];
