import { z } from 'zod';
import { appliedRungs } from '../diagnoses/loss/applied.ts';
import { evidenceOf } from '../diagnoses/loss/evidence.ts';
import { judge, type Verdict } from '../diagnoses/loss/judge.ts';
import { outboxRowsOf, type Suspect } from '../diagnoses/loss/suspects.ts';
import { type Committed, readCommitted, readPlaces, seek } from '../diagnoses/loss/topic.ts';
import { EngineError } from '../errors.ts';
import { placeNamed } from '../kafka/place-name.ts';
import type { RecordPlace } from '../kafka/read-records.ts';
import { notMapped, UnknownValue, unknownPart } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import { printable } from '../text.ts';
import { type Found, findByKey, findEvents, type Searched } from './find.ts';
import { type PlaceRead, readPlaceOf, type TracedPlace } from './place.ts';
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
  /** Where a place of a topic was asked for: what stands there. Its event, if it says which, is the one of `events`. */
  readonly place?: TracedPlace;
}

/**
 * Where one event is, and where it stops. An engine that cannot be asked makes its own part unknown.
 * @param what a dedup_key, a tx_id (all its legs), an event_id, or a place: see {@link placeNamed}. What looks like a place
 * and is none, because no topic has it, may still be a name of an event.
 */
export async function traceEvent(
  target: Target,
  what: string,
  { signal = new AbortController().signal } = {},
): Promise<Traced> {
  // First of all: what lies below was in the consumer's hands before any row was read.
  const committed = await readCommitted(target);
  const named = placeNamed(what);
  const read = named === undefined ? undefined : await readPlaceOf(target, named);
  if (named !== undefined && read?.place.seen.known === true)
    return { asked: what, as: 'place', ...(await traceFrom(target, { ...read, at: named }, { committed, signal })) };
  const { keys, as, searched } = await findEvents(target, what);
  const events: TracedEvent[] = [];
  for (const key of keys) events.push(await traceOne(target, key, { committed, signal }));
  const isPlace = read !== undefined && keys.length === 0;
  return { asked: what, as, searched, events, ...(isPlace ? { place: read.place } : {}) };
}

interface How {
  readonly committed: Committed;
  readonly signal: AbortSignal;
  /** Where its record was seen to stand in the topic of events. */
  readonly seenAt?: RecordPlace | undefined;
}

/** The way of the event whose record stands there. An event that no table knows yet is where its record is. */
async function traceFrom(
  target: Target,
  { place, dedupKey, at }: PlaceRead & { readonly at: RecordPlace },
  how: How,
): Promise<Pick<Traced, 'searched' | 'events' | 'place'>> {
  if (dedupKey === undefined) return { searched: [], events: [], place };
  const found = await findByKey(target, dedupKey);
  const seenAt = at.topic === target.roles.topics.events && isDelivered(place) ? at : undefined;
  const isKnown = found.found.known && found.found.value > 0;
  if (!isKnown && seenAt === undefined) return { searched: [found], events: [], place };
  try {
    return { searched: [found], events: [await traceOne(target, dedupKey, { ...how, seenAt })], place };
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof UnknownValue)) throw error;
    const rest: Searched = {
      what: { ko: '그 뒤의 경로', en: 'the rest of its way' },
      found: unknownPart(error.message),
    };
    return { searched: [found, rest], events: [], place };
  }
}

const isDelivered = ({ seen }: TracedPlace): boolean =>
  seen.known && seen.value.is === 'record' && seen.value.transaction?.outcome !== 'aborted';

async function traceOne(target: Target, key: string, { committed, signal, seenAt }: How): Promise<TracedEvent> {
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
        sent: sentTo ?? seenAt,
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
  const judged = judge({ suspect: placed, evidence: seen.evidence, at, committed: there }, roles.outbox?.statusValues);
  const verdict = rungs.length === 0 && needsRung.has(judged.is) ? untold : judged;
  return { dedupKey: printable(key), stages, end: endOf(verdict, stages, seen.evidence, seen.suspect.ageMs) };
}

/** That an event was not applied can be said only where something is mapped that would tell if it were. */
const needsRung: ReadonlySet<Verdict['is']> = new Set(['consumer', 'expired', 'lost']);
const untold: Verdict = { is: 'cannotTell', reason: `${notMapped}: no table that tells what was applied` };

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
