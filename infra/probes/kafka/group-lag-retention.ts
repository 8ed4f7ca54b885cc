import { EngineError } from '../../errors.ts';
import type { KafkaReader } from '../../kafka/reader.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import type { PartitionLag } from './group-lag.ts';

export interface TopicRetention {
  readonly readAtMs: number;
  /** null: its age alone never deletes a record. */
  readonly byAgeMs: Part<number | null>;
}

/** Settings are changed seldom. */
const freshMs = 60_000;

export const retentionIsDue = (before: TopicRetention | undefined, nowMs: number): boolean =>
  before === undefined || nowMs - before.readAtMs >= freshMs;

/** One request. Whatever goes wrong makes the settings unknown until the next time. */
export async function readRetention(
  kafka: KafkaReader,
  topics: readonly string[],
  nowMs: number,
): Promise<Readonly<Record<string, TopicRetention>>> {
  try {
    const settings = await kafka.topicSettings(topics, ['retention.ms', 'cleanup.policy']);
    return Object.fromEntries(
      [...settings].map(([topic, told]) => {
        return [topic, { readAtMs: nowMs, byAgeMs: told.known ? known(byAge(told.value)) : told }];
      }),
    );
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return Object.fromEntries(
      topics.map((topic) => [topic, { readAtMs: nowMs, byAgeMs: unknownPart(error.message) }] as const),
    );
  }
}

function byAge(values: ReadonlyMap<string, string | null>): number | null {
  const retentionMs = Number(values.get('retention.ms') ?? '-1');
  const deletes = (values.get('cleanup.policy') ?? 'delete').includes('delete');
  return deletes && retentionMs >= 0 ? retentionMs : null;
}

/** A log start that moved for less than this says nothing about how fast it moves: retention works in steps of minutes. */
const watchedMsMin = 60_000;

/** Whole segments are deleted, so it may be later; by age, or as fast as the log start has been moving. */
export function deletedInMs(
  at: Pick<PartitionLag, 'lost' | 'logStart' | 'facts' | 'watched'> & { readonly position: bigint },
  retention: TopicRetention | undefined,
  nowMs: number,
): Part<number | null> {
  if (at.lost > 0n) return known(0);
  const bySize = bySizeMs(at, nowMs);
  const byAge = byAgeMs(at, retention, nowMs);
  if (!byAge.known) return bySize === null ? byAge : known(bySize);
  if (byAge.value === null) return known(bySize);
  return known(bySize === null ? byAge.value : Math.min(bySize, byAge.value));
}

function byAgeMs(
  { facts, position }: Parameters<typeof deletedInMs>[0],
  retention: TopicRetention | undefined,
  nowMs: number,
): Part<number | null> {
  if (retention === undefined) return unknownPart('its retention has not been read yet');
  if (!retention.byAgeMs.known || retention.byAgeMs.value === null) return retention.byAgeMs;
  if (facts === undefined || facts.position !== position || facts.oldestMs === undefined)
    return unknownPart('the oldest unread record has not been looked at');
  return known(Math.max(0, facts.oldestMs + retention.byAgeMs.value - nowMs));
}

function bySizeMs({ logStart, watched, position }: Parameters<typeof deletedInMs>[0], nowMs: number): number | null {
  if (!logStart.known || watched.logStart === undefined) return null;
  const moved = Number(logStart.value - watched.logStart.offset);
  const elapsedMs = nowMs - watched.logStart.atMs;
  if (moved <= 0 || elapsedMs < watchedMsMin) return null;
  return Math.max(0, (Number(position - logStart.value) * elapsedMs) / moved);
}
