/** The only table of exit codes. 64, 69 and 70 are those of sysexits.h; 130 is a shell's for SIGINT. */
export const exitCodes = {
  /** Healthy, reproduced, or held. */
  ok: 0,
  /** A finding, or not as expected. */
  finding: 1,
  /** It could not be told. Never the same as 0. */
  unknown: 2,
  /** A guard refused. */
  refused: 3,
  /** A tripwire stopped it. */
  tripwire: 4,
  cleanupFailed: 5,
  usage: 64,
  engineUnavailable: 69,
  /** Our bug. */
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
