/** How long the main containers of the pod run before they exit with 0, such as `616s`; goes before every behaviour. */
export const runDurationAnnotation = 'orrery.dev/run-duration';
