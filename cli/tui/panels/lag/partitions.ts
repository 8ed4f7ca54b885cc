import { placeName } from '../../../../infra/kafka/place-name.ts';
import type { GroupLag, LagSplit, PartitionLag } from '../../../../infra/probes/kafka/group-lag.ts';
import { placeOfPartition } from '../../../../infra/probes/kafka/group-lag-waiting.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say } from '../../../../infra/text.ts';
import { count, duration } from '../../ui/format.ts';
import { blank, cut, type Line, line, span, traced } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import type { RowsContext } from '../panel.ts';

const words = {
  partition: { ko: '파티션', en: 'partition' },
  lag: { ko: '지연', en: 'lag' },
  committed: { ko: '커밋', en: 'committed' },
  readable: { ko: '읽기 가능', en: 'readable' },
  blocked: { ko: '막힘', en: 'blocked' },
  markers: { ko: '마커', en: 'markers' },
  age: { ko: '나이', en: 'age' },
  deletedIn: { ko: '삭제까지', en: 'deleted in' },
  end: { ko: '끝 (HW)', en: 'end (HW)' },
  leader: { ko: '리더', en: 'leader' },
  member: { ko: '담당', en: 'owner' },
  never: { ko: '없음', en: 'never' },
  lost: (offsets: bigint) => ({ ko: `${count(offsets)} 삭제됨`, en: `${count(offsets)} gone` }),
} as const;

/** Nothing of it is left out: a column of zeros would only be noise. */
const amount = (split: PartitionLag['split'], which: keyof LagSplit): Line => {
  if (!split.known) return line('?', 'unknown');
  const records = split.value[which];
  return records === 0n ? line('-', 'muted') : line(count(records), which === 'blocked' ? 'warning' : 'plain');
};

const lagCell = (lag: PartitionLag['lag'], ahead: bigint): Line => {
  if (ahead > 0n) return line(`-${count(ahead)}`, 'critical', { bold: true });
  return lag.known ? line(count(lag.value), 'plain', { bold: true }) : line('?', 'unknown');
};

const time = (part: Part<number | null>, language: Language): Line => {
  if (!part.known) return line('?', 'unknown');
  return part.value === null ? line('-', 'muted') : line(duration(part.value, language), 'muted');
};

function partitionCells(group: GroupLag, one: PartitionLag, language: Language): readonly Line[] {
  const { partition, lag, split, committed, highWatermark, leader, clientId } = one;
  const place = placeOfPartition(group, one);
  return [
    traced(line(`p${partition}`), place && placeName(place), `${group.groupId} ${group.topic} ${partition}`),
    lagCell(lag, one.ahead),
    amount(split, 'readable'),
    amount(split, 'blocked'),
    amount(split, 'markers'),
    time(one.timeLagMs, language),
    one.lost > 0n ? line(say(words.lost(one.lost), language), 'critical') : time(one.deletedInMs, language),
    committed.known
      ? line(committed.value === null ? say(words.never, language) : count(committed.value), 'muted')
      : line(`? ${printable(committed.reason)}`, 'unknown'),
    highWatermark.known ? line(count(highWatermark.value), 'muted') : line('?', 'unknown'),
    leader === undefined ? line('-', 'unknown') : line(String(leader), 'muted'),
    line(printable(clientId ?? '-'), 'muted'),
  ];
}

/** Every partition of a group in a table: for a panel with rows to spare. */
export function partitionRows(group: GroupLag, { width, language }: RowsContext): readonly Line[] {
  const { role, groupId, topic, partitions } = group;
  if (!partitions.known) return [];
  const head = [
    words.partition,
    words.lag,
    words.readable,
    words.blocked,
    words.markers,
    words.age,
    words.deletedIn,
    words.committed,
    words.end,
    words.leader,
    words.member,
  ];
  const rows = partitions.value.map((one) => partitionCells(group, one, language));
  return [
    blank,
    cut(
      [
        span(`${printable(role)}  `, 'accent', { bold: true }),
        span(`${printable(groupId)} · ${printable(topic)}`, 'muted'),
      ],
      width,
    ),
    ...table([head.map((text) => line(say(text, language), 'muted')), ...rows], {
      width,
      columns: [
        {},
        { align: 'right' },
        { align: 'right', drop: 5 },
        { align: 'right', drop: 6 },
        { align: 'right', drop: 7 },
        { align: 'right', drop: 8 },
        { align: 'right', drop: 4 },
        { align: 'right', drop: 3 },
        { align: 'right', drop: 2 },
        { align: 'right' },
        { grow: true, min: 10, drop: 1 },
      ],
    }),
  ];
}
