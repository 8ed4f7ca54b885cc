import { EngineError } from '../../errors.ts';
import type { KafkaReader } from '../../kafka/reader.ts';
import { known, type Part, unknownPart } from '../reading.ts';

/** Session timeouts of KIP-848 groups: a setting of the coordinator's, which it tells the members. */
export interface GroupSessions {
  readonly readAtMs: number;
  readonly timeoutsMs: Readonly<Record<string, Part<number>>>;
}

/** Settings are changed seldom. */
const freshMs = 60_000;
const setting = 'consumer.session.timeout.ms';

/** One request, and only when one is due. Whatever goes wrong makes them unknown until the next time. */
export async function groupSessions(
  kafka: KafkaReader,
  groupIds: readonly string[],
  { before, nowMs }: { readonly before: GroupSessions | undefined; readonly nowMs: number },
): Promise<GroupSessions | undefined> {
  if (groupIds.length === 0) return undefined;
  const isFresh = before !== undefined && nowMs - before.readAtMs < freshMs;
  if (isFresh && groupIds.every((groupId) => before.timeoutsMs[groupId] !== undefined)) return before;
  const timeoutsMs = await readTimeouts(kafka, groupIds);
  return { readAtMs: nowMs, timeoutsMs: Object.fromEntries(timeoutsMs) };
}

async function readTimeouts(
  kafka: KafkaReader,
  groupIds: readonly string[],
): Promise<readonly (readonly [string, Part<number>])[]> {
  try {
    const settings = await kafka.groupSettings(groupIds, [setting]);
    return [...settings].map(([groupId, told]) => {
      if (!told.known) return [groupId, told];
      const ms = Number(told.value.get(setting) ?? Number.NaN);
      return [groupId, Number.isFinite(ms) ? known(ms) : unknownPart<number>(`no ${setting}`)];
    });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return groupIds.map((groupId) => [groupId, unknownPart<number>(error.message)]);
  }
}
