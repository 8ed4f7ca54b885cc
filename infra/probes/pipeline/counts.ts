import { EngineError } from '../../errors.ts';
import type { Target } from '../../target.ts';
import type { Text } from '../../text.ts';
import { mysqlCommand } from '../native-commands.ts';
import type { Finding, NativeCommand, Probe } from '../probe.ts';
import { known, notMapped, type Part, UnknownValue, unknownPart } from '../reading.ts';
import { countEvents, type EventCounts } from './counts-read.ts';

export interface PipelineCounts extends EventCounts {
  /** Records that the projector may not have handled at that moment, at most: high watermark − committed. */
  readonly inFlightMax: Part<bigint>;
  readonly comparisons: readonly Comparison[];
}

/** Two counts that should be equal but for what is known to lie between them. */
export interface Comparison {
  /** sent: ledger against processed. effects: processed against effects. outbox: ledger against outbox. */
  readonly id: 'outbox' | 'processed' | 'effects';
  readonly left: bigint;
  readonly right: bigint;
  /** What lies between them, by name. */
  readonly explained: Readonly<Record<string, bigint>>;
  /** left − right − what is explained; 0 where all is. */
  readonly unexplained: bigint;
}

const snapshotTimeoutMs = 110_000;

/** The counts that a runbook compares when duplicates are suspected, at one moment, with what explains their difference. */
export const pipelineCounts: Probe<PipelineCounts> = {
  id: 'pipeline.counts',
  title: { ko: '이벤트 수 대조', en: 'Event counts' },
  cost: 'onDemand',
  readsOnce: true,
  timeoutMs: 120_000,
  async read(target, { signal }) {
    const { mysql, roles } = target;
    if (
      roles.ledger === undefined &&
      roles.outbox === undefined &&
      roles.processed === undefined &&
      roles.effects === undefined
    ) {
      throw new UnknownValue(notMapped);
    }
    const committed = await committedSum(target);
    const counts = await mysql.snapshot((sql) => countEvents(sql, roles), { timeoutMs: snapshotTimeoutMs, signal });
    const inFlightMax = await inFlight(target, committed);
    return { ...counts, inFlightMax, comparisons: comparisonsOf(counts, inFlightMax) };
  },
  judge({ comparisons }) {
    return comparisons.filter(({ unexplained }) => unexplained !== 0n).map(findingOf);
  },
  rows({ comparisons, ...counts }) {
    return [
      ['COUNT', 'EVENTS'],
      ...lines(counts),
      ...comparisons.map(({ id, left, right, unexplained }) => [
        `${names[id].en}`,
        `${left} - ${right} = ${left - right}, unexplained ${unexplained}`,
      ]),
    ];
  },
  verifyWith(target) {
    return verifySql(target);
  },
};

export const names: Readonly<Record<Comparison['id'], Text>> = {
  outbox: { ko: '원장 ↔ 아웃박스', en: 'ledger ↔ outbox' },
  processed: { ko: '원장 ↔ processed_event', en: 'ledger ↔ processed' },
  effects: { ko: 'processed_event ↔ 효과', en: 'processed ↔ effects' },
};

/** Pure: what the counts of one moment say about each other; a comparison of which a side is unknown is left out. */
export function comparisonsOf(counts: EventCounts, inFlightMax: Part<bigint>): readonly Comparison[] {
  const { ledger, outbox, processed, effects, failed, folded } = counts;
  const comparisons: Comparison[] = [];
  const rows = outbox.known
    ? outbox.value.pending + outbox.value.sent + outbox.value.dead + outbox.value.skipped
    : undefined;
  // A writer that produces by itself leaves no row in the outbox.
  if (ledger.known && rows !== undefined && rows > 0n) comparisons.push(compared('outbox', ledger.value, rows, {}));
  const start = ledger.known ? ledger.value : rows;
  if (start !== undefined && processed.known) {
    const done = processed.value.applied + processed.value.folded;
    const waiting = outbox.known
      ? { pending: outbox.value.pending, outboxDead: outbox.value.dead, skipped: outbox.value.skipped }
      : {};
    const others = {
      ...waiting,
      ...(failed.known ? { inRetry: failed.value.inRetry, dead: failed.value.dead } : {}),
      ...(folded.known ? { folded: folded.value } : {}),
    };
    comparisons.push(withInFlight(compared('processed', start, done, others), inFlightMax));
  }
  if (processed.known && effects.known)
    comparisons.push(compared('effects', processed.value.applied, effects.value, {}));
  return comparisons;
}

function compared(id: Comparison['id'], left: bigint, right: bigint, explained: Comparison['explained']): Comparison {
  const between = Object.values(explained).reduce((sum, count) => sum + count, 0n);
  return { id, left, right, explained, unexplained: left - right - between };
}

/** How many of the records on their way are events nobody knows; no more than that can be explained by them. */
function withInFlight(comparison: Comparison, inFlightMax: Part<bigint>): Comparison {
  const { unexplained, explained } = comparison;
  if (unexplained <= 0n) return comparison;
  // Without Kafka nothing can be said about what is on its way.
  if (!inFlightMax.known) return { ...comparison, explained: { ...explained, inFlight: unexplained }, unexplained: 0n };
  const inFlight = inFlightMax.value < unexplained ? inFlightMax.value : unexplained;
  return { ...comparison, explained: { ...explained, inFlight }, unexplained: unexplained - inFlight };
}

function findingOf({ id, left, right, unexplained }: Comparison): Finding {
  const more = unexplained < 0n;
  const number = more ? -unexplained : unexplained;
  return {
    key: `counts.${id}`,
    severity: 'critical',
    text: {
      ko: `${names[id].ko}: ${left} 대 ${right}, 설명되지 않는 ${more ? '초과' : '부족'} ${number}건`,
      en: `${names[id].en}: ${left} against ${right}, ${number} ${more ? 'too many' : 'missing'} that nothing explains`,
    },
  };
}

type CommittedSum = Part<ReadonlyMap<number, bigint>>;

async function committedSum({ kafka, roles }: Target): Promise<CommittedSum> {
  const group = roles.groups.projector;
  if (group === undefined) return unknownPart(notMapped);
  return reached(async () => {
    const commits = (await kafka.committed([group.groupId])).get(group.groupId) ?? unknownPart('not in the answer');
    if (!commits.known) return commits;
    const offsets = [...(commits.value.get(group.topic) ?? [])];
    const failed = offsets.find(([, offset]) => !offset.known);
    if (failed !== undefined && !failed[1].known) return failed[1];
    return known(new Map(offsets.map(([partition, offset]) => [partition, offset.known ? offset.value : 0n])));
  });
}

/** Committed before the snapshot, watermarks behind it: what was on its way then is at most their difference. */
async function inFlight({ kafka, roles }: Target, committed: CommittedSum): Promise<Part<bigint>> {
  const group = roles.groups.projector;
  if (group === undefined) return unknownPart(notMapped);
  if (!committed.known) return committed;
  return reached(async () => {
    const topics = await kafka.offsets([group.topic], ['logStart', 'highWatermark']);
    const partitions = topics.get(group.topic) ?? unknownPart('not in the answer');
    if (!partitions.known) return partitions;
    let sum = 0n;
    for (const { partition, offsets } of partitions.value) {
      if (!offsets.highWatermark.known) return offsets.highWatermark;
      if (!offsets.logStart.known) return offsets.logStart;
      const from = committed.value.get(partition) ?? offsets.logStart.value;
      sum += offsets.highWatermark.value > from ? offsets.highWatermark.value - from : 0n;
    }
    return known(sum);
  });
}

async function reached<T>(read: () => Promise<Part<T>>): Promise<Part<T>> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof EngineError || error instanceof UnknownValue) return unknownPart(error.message);
    throw error;
  }
}

function lines({
  ledger,
  outbox,
  processed,
  effects,
  failed,
  folded,
  inFlightMax,
}: Omit<PipelineCounts, 'comparisons'>): readonly (readonly string[])[] {
  const text = <T>(part: Part<T>, of: (value: T) => bigint): string =>
    part.known ? String(of(part.value)) : `? ${part.reason}`;
  return [
    ['ledger', text(ledger, (value) => value)],
    ['outbox PENDING', text(outbox, ({ pending }) => pending)],
    ['outbox SENT', text(outbox, ({ sent }) => sent)],
    ['outbox DEAD', text(outbox, ({ dead }) => dead)],
    ['outbox SKIPPED', text(outbox, ({ skipped }) => skipped)],
    ['processed applied', text(processed, ({ applied }) => applied)],
    ['processed folded', text(processed, (value) => value.folded)],
    ['of these archived', text(processed, ({ archived }) => archived)],
    ['effects', text(effects, (value) => value)],
    ['in retry', text(failed, ({ inRetry }) => inRetry)],
    ['dead letters', text(failed, ({ dead }) => dead)],
    ['folded unprocessed', text(folded, (value) => value)],
    ['in flight at most', text(inFlightMax, (value) => value)],
  ];
}

function verifySql(target: Target): readonly NativeCommand[] {
  const { ledger, outbox, processed, processedArchive, effects } = target.roles;
  const selects = [
    ...(ledger === undefined ? [] : [`SELECT 'ledger' AS what, COUNT(*) AS events FROM ${ledger.table}`]),
    ...(outbox === undefined
      ? []
      : [`SELECT CONCAT('outbox ', ${outbox.status}), COUNT(*) FROM ${outbox.table} GROUP BY ${outbox.status}`]),
    ...[processed, processedArchive].flatMap((role) => {
      if (role === undefined) return [];
      const only = role.projector === undefined ? '' : ` WHERE ${role.consumer} = '${role.projector}'`;
      return [`SELECT '${role === processed ? 'processed' : 'archived'}', COUNT(*) FROM ${role.table}${only}`];
    }),
    ...(effects === undefined ? [] : [`SELECT 'effects', COUNT(*) FROM ${effects.table}`]),
  ];
  if (selects.length === 0) return [];
  return [
    {
      command: mysqlCommand(target, selects.join(' UNION ALL ')),
      shows: { ko: '테이블마다 이벤트 수, 한 문장 안에서', en: 'events in each table, within one statement' },
    },
  ];
}
