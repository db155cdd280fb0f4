/** Every way in which the command ends. The numbers are stable: scripts and CI rely on them. */
export const exitCodes = {
  ok: 0,
  /** An expectation of the scenario did not hold; two runs differ (`diff`). */
  failed: 1,
  /** Wrong arguments, or input that cannot be used. Nothing was run. */
  usage: 2,
  /** A broken rule of the simulated cluster, or a mistake of the program itself. */
  invariant: 3,
  /** More events, pods or events at one instant than allowed. */
  limit: 4,
  /** A file could not be read or written. */
  io: 5,
  /** The same scenario and seed gave other bytes. */
  nonDeterminism: 6,
  /** 128 + SIGINT. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

/** One of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The table as `orrery --help` prints it. */
export const exitCodeHelp =
  'Exit codes: 0 ok, 1 expectation failed or runs differ, 2 wrong usage or input, 3 invariant violated, ' +
  '4 limit reached, 5 input/output, 6 not deterministic, 130/143 stopped by a signal.';
