import { createHash, randomInt } from 'node:crypto';

/** A seed for a run that was given none; printed, so that the run can be repeated. */
export function randomSeed(): number {
  return randomInt(2 ** 32);
}

/**
 * A number in [min, max], decided by the seed alone: on which pass a failpoint fires. Different `what` of one seed are
 * independent of each other.
 */
export function chosenBy(seed: number, what: string, { min, max }: { min: number; max: number }): number {
  const digest = createHash('sha256').update(`${seed}:${what}`).digest();
  return min + (digest.readUInt32BE(0) % (max - min + 1));
}
