/**
 * The order of events at one instant. What happens to the world comes first, what looks at it last; observers see the
 * settled state of the instant.
 */
export const EventPhase = {
  /** Arrivals, users' actions, faults. */
  input: 0,
  /** Machines, kubelets, container runtimes. */
  machine: 1,
  /** API server commits and watch delivery. */
  apiserver: 2,
  controllers: 3,
  scheduler: 4,
  autoscalers: 5,
  /** Metrics and checks; never part of the trace fingerprint. */
  observers: 6,
} as const;

/** One of the phases, 0..6. */
export type EventPhase = (typeof EventPhase)[keyof typeof EventPhase];
