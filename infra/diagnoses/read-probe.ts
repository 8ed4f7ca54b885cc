import { systemClock } from '../clock.ts';
import type { Probe } from '../probes/probe.ts';
import { UnknownValue } from '../probes/reading.ts';
import { readOnce } from '../probes/sampler.ts';
import type { Target } from '../target.ts';
import type { AskContext } from './diagnosis.ts';

/** A rate, or a position that stands still, shows only between two readings. */
const pauseMs = 1_000;

/**
 * A probe's value as a diagnosis wants it: read twice where it moves, or not at all.
 * @param moving false for what one reading tells.
 * @throws UnknownValue with the reading's reason.
 */
export async function readValue<T>(
  probe: Probe<T>,
  target: Target,
  { subject, signal }: Pick<AskContext, 'subject' | 'signal'>,
  { moving = true, clock = systemClock } = {},
): Promise<T> {
  const before = await readOnce({ probe, target, subject, before: undefined, clock });
  if (before.status === 'unknown') throw new UnknownValue(before.reason);
  if (!moving) return before.value;
  await clock.sleep(pauseMs, signal);
  const reading = await readOnce({ probe, target, subject, before, clock });
  if (reading.status === 'unknown') throw new UnknownValue(reading.reason);
  return reading.value;
}
