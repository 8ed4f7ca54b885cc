import { z } from 'zod';
import { decodeCacheValue } from '../contract/cache-entry.ts';
import type { Suspect } from '../diagnoses/loss/suspects.ts';
import { identityOf } from '../diagnoses/loss/topic.ts';
import { EngineError, messageOf } from '../errors.ts';
import type { ScannedRecord } from '../kafka/decode-records.ts';
import { notMapped, UnknownValue, unknownPart } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import { printable } from '../text.ts';
import type { Stage, StageRow } from './stages.ts';

const keptOf = (record: ScannedRecord) => ({
  ...identityOf(record),
  key: record.key?.toString('utf8').slice(0, 100) ?? null,
  timestampMs: record.timestampMs,
  bytes: record.value?.length,
});

/** What stands in the topic where the event should. */
export async function recordStage({ kafka, roles }: Target, { sent, dedupKey }: Suspect): Promise<Stage> {
  const topic = roles.topics.events;
  if (topic === undefined) return { stage: 'record', status: 'unknown', reason: notMapped };
  if (sent === undefined) return { stage: 'record', status: 'none', rows: [], atMs: undefined };
  const place = { topic, partition: String(sent.partition), offset: String(sent.offset) };
  try {
    const kept = await kafka.recordsAt([{ topic, ...sent }], { keep: keptOf, timeoutMs: 5_000 });
    const content = kept[0] ?? unknownPart<never>('not in the answer');
    if (!content.known) return { stage: 'record', status: 'unknown', reason: content.reason };
    if (content.value.status !== 'found') {
      return { stage: 'record', status: 'none', rows: [{ ...place, there: content.value.status }], atMs: undefined };
    }
    const { record } = content.value;
    const isIt = record.dedupKey === null || record.dedupKey === dedupKey;
    const row: StageRow = {
      ...place,
      there: isIt ? 'found' : 'another event',
      key: record.key === null ? null : printable(record.key),
      dedup_key: record.dedupKey === null ? null : printable(record.dedupKey.slice(0, 100)),
      bytes: record.bytes === undefined ? null : String(record.bytes),
    };
    return { stage: 'record', status: isIt ? 'there' : 'none', rows: [row], atMs: record.timestampMs };
  } catch (error) {
    if (error instanceof EngineError || error instanceof UnknownValue)
      return { stage: 'record', status: 'unknown', reason: messageOf(error) };
    throw error;
  }
}

/** What the cache holds for the event's account. */
export async function cacheStage({ redis, roles }: Target, account: string | undefined): Promise<Stage> {
  if (roles.cache === undefined) return { stage: 'cache', status: 'unknown', reason: notMapped };
  if (account === undefined) return { stage: 'cache', status: 'unknown', reason: 'its account is not known' };
  const key = roles.cache.keyPattern.replace('{account_id}', account);
  try {
    const [text, ttl] = [
      await redis.command('get', [key], z.string().nullable()),
      await redis.command('pttl', [key], z.coerce.number()),
    ];
    if (text === null) return { stage: 'cache', status: 'none', rows: [], atMs: undefined };
    const value = roles.cache.format === 'labctl' ? decodeCacheValue(text) : undefined;
    const row: StageRow = {
      key: printable(key),
      value: printable(text.slice(0, 100)),
      ...(value === undefined ? {} : { kind: value.kind, account_seq: String(value.accountSeq) }),
      ttl_ms: ttl < 0 ? null : String(ttl),
    };
    return { stage: 'cache', status: 'there', rows: [row], atMs: undefined };
  } catch (error) {
    if (error instanceof EngineError || error instanceof UnknownValue)
      return { stage: 'cache', status: 'unknown', reason: messageOf(error) };
    throw error;
  }
}
