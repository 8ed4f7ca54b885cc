import { z } from 'zod';
import { appliedRungs } from '../diagnoses/loss/applied.ts';
import { evidenceOf } from '../diagnoses/loss/evidence.ts';
import { judge } from '../diagnoses/loss/judge.ts';
import { outboxRowsOf, type Suspect } from '../diagnoses/loss/suspects.ts';
import { type Committed, readCommitted, readPlaces, seek } from '../diagnoses/loss/topic.ts';
import { unknownPart } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import { printable } from '../text.ts';
import { type Found, findEvents } from './find.ts';
import { cacheStage, recordStage } from './places.ts';
import { decisionsStage, projectionStage, readStages, type Stage } from './stages.ts';
import { endOf, type TraceEnd } from './verdict.ts';

export interface TracedEvent {
  readonly dedupKey: string;
  /** In the order of its way; what could not be read says so. */
  readonly stages: readonly Stage[];
  readonly end: TraceEnd;
}

export interface Traced {
  readonly asked: string;
  readonly as: Found['as'];
  readonly searched: Found['searched'];
  readonly events: readonly TracedEvent[];
}

/**
 * Where one event is, and where it stops. An engine that cannot be asked makes its own part unknown.
 * @param what a dedup_key, a tx_id (all its legs) or an event_id.
 */
export async function traceEvent(
  target: Target,
  what: string,
  { signal = new AbortController().signal } = {},
): Promise<Traced> {
  // First of all: what lies below was in the consumer's hands before any row was read.
  const committed = await readCommitted(target);
  const { keys, as, searched } = await findEvents(target, what);
  const events: TracedEvent[] = [];
  for (const key of keys) events.push(await traceOne(target, key, { committed, signal }));
  return { asked: what, as, searched, events };
}

interface How {
  readonly committed: Committed;
  readonly signal: AbortSignal;
}

async function traceOne(target: Target, key: string, { committed, signal }: How): Promise<TracedEvent> {
  const { mysql, roles } = target;
  const rungs = await appliedRungs(mysql, roles);
  const seen = await mysql.snapshot(
    async (sql) => {
      const stages = await readStages(sql, roles, key);
      const account =
        valueIn(stages, 'ledger', 'account_id') ?? valueIn(stages, 'effects', 'account_id') ?? accountIn(key);
      const sentTo =
        roles.outbox === undefined ? undefined : (await outboxRowsOf(sql, roles.outbox, [key])).get(key)?.sent;
      const createdAtMs = startOf(stages);
      const [now] = await sql.query(
        "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', NOW(6)) AS us",
        [],
        z.object({ us: z.coerce.number() }),
      );
      const suspect: Suspect = {
        dedupKey: key,
        source: valueIn(stages, 'outbox', 'id') === undefined ? 'ledger' : 'outbox',
        rowId: valueIn(stages, 'outbox', 'id') ?? '',
        ageMs: createdAtMs === undefined ? 0 : (now?.us ?? 0) / 1000 - createdAtMs,
        createdAtMs: createdAtMs ?? 0,
        sent: sentTo,
      };
      const evidence = (await evidenceOf(sql, roles, rungs, [suspect])).get(key);
      const others = [
        await decisionsStage(sql, suspect.rowId === '' ? undefined : suspect.rowId),
        await projectionStage(sql, roles, account),
      ];
      return { stages: [...stages, ...others], suspect, evidence, account };
    },
    { signal },
  );
  const placed = await placeOf(target, seen.suspect, { signal, isApplied: seen.evidence?.applied === true });
  const at = (await readPlaces(target, [placed], { signal })).get(key);
  const record = await recordStage(target, placed);
  const cache = await cacheStage(target, seen.account);
  const stages = inOrder([...seen.stages, record, cache]);
  if (seen.evidence === undefined) throw new Error('an event that was asked for is not in the answer');
  const there =
    placed.sent === undefined ? unknownPart<bigint | undefined>('no place') : committed(placed.sent.partition);
  const verdict = judge({ suspect: placed, evidence: seen.evidence, at, committed: there }, roles.outbox?.statusValues);
  return { dedupKey: printable(key), stages, end: endOf(verdict, stages, seen.evidence, seen.suspect.ageMs) };
}

/** Where its record should be: as the outbox says, else as the consumer wrote it down, else looked for in the topic. */
async function placeOf(
  target: Target,
  suspect: Suspect,
  { signal, isApplied }: { readonly signal: AbortSignal; readonly isApplied: boolean },
): Promise<Suspect> {
  if (suspect.sent !== undefined || isApplied || suspect.source === 'outbox' || suspect.createdAtMs === 0)
    return suspect;
  const sent = (await seek(target, [suspect], { signal })).found.get(suspect.dedupKey);
  return sent === undefined ? suspect : { ...suspect, sent };
}

const order = [
  'ledger',
  'outbox',
  'decisions',
  'record',
  'deliveries',
  'deadLetter',
  'processed',
  'archive',
  'effects',
  'projection',
  'cache',
];

const inOrder = (stages: readonly Stage[]): readonly Stage[] =>
  stages.toSorted((left, right) => order.indexOf(left.stage) - order.indexOf(right.stage));

function valueIn(stages: readonly Stage[], name: Stage['stage'], column: string): string | undefined {
  const stage = stages.find((one) => one.stage === name);
  return stage === undefined || stage.status === 'unknown' ? undefined : (stage.rows[0]?.[column] ?? undefined);
}

/** When the event began, by MySQL's clock. */
function startOf(stages: readonly Stage[]): number | undefined {
  return stages.flatMap((stage) => (stage.status === 'unknown' ? [] : (stage.atMs ?? [])))[0];
}

const accountIn = (key: string): string | undefined => /:(-?\d{1,19})$/.exec(key)?.[1];
