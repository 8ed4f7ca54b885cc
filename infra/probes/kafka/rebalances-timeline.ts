import type { GroupDescription } from '../../kafka/read-groups.ts';
import type { GroupGeneration } from '../../kafka/wire/group-records.ts';

/** What happened to a group, as the coordinators' log or two readings tell. */
export type GroupEvent = { readonly atMs: number } & (
  | { readonly kind: 'generation'; readonly from: number | null; readonly to: number; readonly members: number }
  | { readonly kind: 'joined' | 'left'; readonly clientId: string; readonly memberId: string; readonly host: string }
  /** `lastedMs`: how long it was seen in the state before. */
  | { readonly kind: 'state'; readonly from: string; readonly to: string; readonly lastedMs: number }
);

/** More events than this of a group are forgotten, the oldest first. */
export const eventsMax = 50;

interface Member {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
}

/** A generation of a classic group after another, from the log. Without one before it, it is where the story begins. */
export function generationEvents(before: GroupGeneration | undefined, now: GroupGeneration): readonly GroupEvent[] {
  if (before === undefined || before.generation === now.generation) return [];
  const { atMs } = now;
  return [
    { kind: 'generation', atMs, from: before.generation, to: now.generation, members: now.members.length },
    ...memberEvents(before.members, now.members, atMs),
  ];
}

/** Two readings of a KIP-848 group; of a classic one where the log cannot be read. */
export function describedEvents(
  before: { readonly members: readonly Member[]; readonly epoch: number | undefined } | undefined,
  now: GroupDescription,
  atMs: number,
): readonly GroupEvent[] {
  if (before === undefined) return [];
  const to = now.epochs?.group;
  const moved = before.epoch !== undefined && to !== undefined && before.epoch !== to;
  return [
    ...(moved
      ? [{ kind: 'generation' as const, atMs, from: before.epoch ?? null, to, members: now.members.length }]
      : []),
    // While a classic group rebalances, its members come one by one.
    ...memberEvents(before.members, now.members, atMs),
  ];
}

function memberEvents(before: readonly Member[], now: readonly Member[], atMs: number): readonly GroupEvent[] {
  const without = (some: readonly Member[], others: readonly Member[]): readonly Member[] => {
    const ids = new Set(others.map(({ memberId }) => memberId));
    return some.filter(({ memberId }) => !ids.has(memberId));
  };
  const event = (kind: 'joined' | 'left', { clientId, memberId, host }: Member): GroupEvent => ({
    kind,
    atMs,
    clientId,
    memberId,
    host,
  });
  return [
    ...without(before, now).map((member) => event('left', member)),
    ...without(now, before).map((member) => event('joined', member)),
  ];
}

const minuteMs = 60_000;
const returnedWithinMs = 5 * minuteMs;

export function rebalancesInLastMinute(events: readonly GroupEvent[], nowMs: number): number {
  return events.filter(({ kind, atMs }) => kind === 'generation' && atMs > nowMs - minuteMs).length;
}

/** Stable and Empty are where a group may stay. */
const isCalm = (state: string): boolean => state === 'Stable' || state === 'Empty' || state === 'Dead';

/** Of the last minute. */
export function unstableMs(
  events: readonly GroupEvent[],
  now: { readonly state: string; readonly sinceMs: number; readonly nowMs: number },
): number {
  const startMs = now.nowMs - minuteMs;
  const within = (fromMs: number, toMs: number): number => Math.max(0, toMs - Math.max(fromMs, startMs));
  const past = events.map((event) =>
    event.kind === 'state' && !isCalm(event.from) ? within(event.atMs - event.lastedMs, event.atMs) : 0,
  );
  return past.reduce((sum, ms) => sum + ms, 0) + (isCalm(now.state) ? 0 : within(now.sinceMs, now.nowMs));
}

/** Clients of which a member left and another one joined later, each such pair once. */
export function returnedClients(
  events: readonly GroupEvent[],
  nowMs: number,
): readonly { readonly clientId: string; readonly times: number }[] {
  const away = new Map<string, number>();
  const times = new Map<string, number>();
  for (const event of events) {
    if (event.atMs <= nowMs - returnedWithinMs) continue;
    if (event.kind === 'left') away.set(event.clientId, (away.get(event.clientId) ?? 0) + 1);
    if (event.kind !== 'joined') continue;
    const gone = away.get(event.clientId) ?? 0;
    if (gone === 0) continue;
    away.set(event.clientId, gone - 1);
    times.set(event.clientId, (times.get(event.clientId) ?? 0) + 1);
  }
  return [...times].map(([clientId, count]) => ({ clientId, times: count })).sort((a, b) => b.times - a.times);
}
