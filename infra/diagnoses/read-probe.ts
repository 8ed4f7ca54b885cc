import { systemClock } from '../clock.ts';
import type { Probe } from '../probes/probe.ts';
import { UnknownValue } from '../probes/reading.ts';
import { readOnce, readWhole } from '../probes/sampler.ts';
import type { Target } from '../target.ts';
import type { AskContext } from './diagnosis.ts';

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
  const reading = moving
    ? await readWhole({ probe, target, subject, signal, clock })
    : await readOnce({ probe, target, subject, before: undefined, clock });
  if (reading.status === 'unknown') throw new UnknownValue(reading.reason);
  return reading.value;
}
