import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { systemClock } from '../../infra/clock.ts';
import { runMetadata } from './metadata.ts';
import { armVerdict, checkVerdict, cleanupVerdict, runVerdict } from './verdict.ts';

/** What a run does, line by line in `events.ndjson` as it happens. The console follows it; the report draws from it. */
const at = { atMs: z.number() };
const inArm = { ...at, arm: z.string() };

const phase = z.enum(['prepare', 'start', 'gate', 'workload', 'settle', 'collect', 'judge', 'cleanup']);

export const runEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run-started'), ...at, metadata: runMetadata }),
  z.object({ kind: z.literal('phase'), ...at, arm: z.string().optional(), phase, note: z.string().optional() }),
  z.object({ kind: z.literal('gate'), ...inArm, check: z.string(), met: z.boolean(), seen: z.string() }),
  z.object({
    kind: z.literal('worker'),
    ...inArm,
    worker: z.string(),
    pid: z.number(),
    what: z.string(),
    note: z.string(),
  }),
  /** Counters of the workers, as they last said. */
  z.object({ kind: z.literal('sample'), ...inArm, counters: z.record(z.string(), z.number()) }),
  /** How far the workload is, now and then. */
  z.object({
    kind: z.literal('progress'),
    ...inArm,
    done: z.number(),
    total: z.number(),
    perSecond: z.number(),
    leftMs: z.number().optional(),
  }),
  /** What still has to come to rest. */
  z.object({
    kind: z.literal('settling'),
    ...inArm,
    pending: z.number(),
    projectorLag: z.number(),
    invalidatorLag: z.number(),
    cached: z.number(),
  }),
  z.object({
    kind: z.literal('check'),
    ...inArm,
    checker: z.string(),
    verdict: checkVerdict,
    counts: z.record(z.string(), z.number()),
  }),
  z.object({
    kind: z.literal('witness'),
    ...inArm,
    witness: z.string(),
    seen: z.number().nullable(),
    needs: z.string(),
    met: z.boolean(),
  }),
  z.object({ kind: z.literal('arm-finished'), ...inArm, verdict: armVerdict, durationMs: z.number() }),
  z.object({ kind: z.literal('problem'), ...at, arm: z.string().optional(), message: z.string() }),
  z.object({ kind: z.literal('cleaned'), ...at, cleanup: cleanupVerdict, problems: z.array(z.string()) }),
  z.object({ kind: z.literal('run-finished'), ...at, verdict: runVerdict, durationMs: z.number() }),
]);
export type RunEvent = z.infer<typeof runEvent>;

/** An event before its time is put on it. */
export type SaidEvent = RunEvent extends infer Event ? (Event extends RunEvent ? Omit<Event, 'atMs'> : never) : never;
export type Say = (event: SaidEvent) => void;

/** Appends each event to the file before anyone else hears of it. */
export function eventLog(file: string, onProgress?: (event: RunEvent) => void, clock = systemClock): Say {
  return (said) => {
    const event = { ...said, atMs: Math.round(clock.now()) } as RunEvent;
    appendFileSync(file, `${JSON.stringify(event)}\n`);
    onProgress?.(event);
  };
}

/** Lines that are no event are left out: a run that was killed may have cut its last one short. */
export function parseEvents(text: string): readonly RunEvent[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [runEvent.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
