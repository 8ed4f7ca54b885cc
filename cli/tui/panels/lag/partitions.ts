import type { GroupLag } from '../../../../infra/probes/kafka-group-lag.ts';
import { printable, say } from '../../../../infra/text.ts';
import { count } from '../../ui/format.ts';
import { blank, type Line, line, span } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import type { RowsContext } from '../panel.ts';

const words = {
  partition: { ko: '파티션', en: 'partition' },
  lag: { ko: '지연', en: 'lag' },
  committed: { ko: '커밋', en: 'committed' },
  end: { ko: '끝 (HW)', en: 'end (HW)' },
  leader: { ko: '리더', en: 'leader' },
  member: { ko: '담당', en: 'owner' },
  never: { ko: '없음', en: 'never' },
} as const;

/** Every partition of a group in a table: for a panel with rows to spare. */
export function partitionRows(
  { role, groupId, topic, partitions }: GroupLag,
  { width, language }: RowsContext,
): readonly Line[] {
  if (!partitions.known) return [];
  const head = [words.partition, words.lag, words.committed, words.end, words.leader, words.member];
  const rows = partitions.value.map(
    ({ partition, lag, committed, highWatermark, leader, clientId }): readonly Line[] => [
      line(`p${partition}`),
      lag.known ? line(count(lag.value), 'plain', { bold: true }) : line('?', 'unknown'),
      committed.known
        ? line(committed.value === null ? say(words.never, language) : count(committed.value), 'muted')
        : line(`? ${printable(committed.reason)}`, 'unknown'),
      highWatermark.known ? line(count(highWatermark.value), 'muted') : line('?', 'unknown'),
      leader === undefined ? line('-', 'unknown') : line(String(leader), 'muted'),
      line(clientId ?? '-', 'muted'),
    ],
  );
  return [
    blank,
    [span(`${role}  `, 'accent', { bold: true }), span(`${groupId} · ${topic}`, 'muted')],
    ...table([head.map((text) => line(say(text, language), 'muted')), ...rows], {
      width,
      columns: [
        {},
        { align: 'right' },
        { align: 'right', drop: 3 },
        { align: 'right', drop: 2 },
        { align: 'right' },
        { grow: true, min: 10, drop: 1 },
      ],
    }),
  ];
}
