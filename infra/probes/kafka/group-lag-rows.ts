import { rpcText } from '../../kafka/rpc-counter.ts';
import type { Part } from '../reading.ts';
import type { GroupLag, KafkaGroupLag, PartitionLag } from './group-lag.ts';

const heading = [
  'GROUP',
  'TOPIC',
  'STATE',
  'PARTITION',
  'LOG START',
  'COMMITTED',
  'LAST STABLE',
  'HIGH WATERMARK',
  'LAG',
  'READABLE',
  'BLOCKED',
  'MARKERS',
  'TIME LAG MS',
  'DELETED IN MS',
  'MEMBER',
];

/** A line a partition and one a group, and what the reading cost. */
export function groupLagRows(value: KafkaGroupLag): readonly (readonly string[])[] {
  const { groups, missing, rpcs, readMs } = value;
  return [
    heading,
    ...groups.flatMap((group) => [...partitionRows(group), totalRow(group)]),
    ...missing.map(({ broker, reason }) => padded([`? groups of ${broker}`, reason])),
    padded([rpcText(rpcs), `${readMs} ms`]),
  ];
}

const padded = (cells: readonly string[]): readonly string[] => heading.map((_, index) => cells[index] ?? '');

function partitionRows({ groupId, topic, state, partitions }: GroupLag): readonly (readonly string[])[] {
  if (!partitions.known) return [];
  return partitions.value.map((one) => [
    groupId,
    topic,
    cell(state),
    String(one.partition),
    cell(one.logStart),
    one.committed.known && one.committed.value === null ? '-' : cell(one.committed),
    cell(one.lastStable),
    cell(one.highWatermark),
    one.ahead > 0n ? `-${one.ahead}` : cell(one.lag),
    ...splitCells(one),
    cell(one.timeLagMs),
    cell(one.deletedInMs),
    one.clientId ?? '-',
  ]);
}

function splitCells({ split }: PartitionLag): readonly string[] {
  if (!split.known) return ['?', '?', '?'];
  const { readable, blocked, markers } = split.value;
  return [readable, blocked, markers].map(String);
}

function totalRow({ groupId, topic, state, members, ...totals }: GroupLag): readonly string[] {
  const { lag, readable, blocked, markers } = totals;
  return [
    groupId,
    topic,
    cell(state),
    'all',
    '',
    '',
    '',
    '',
    ...[lag, readable, blocked, markers].map(sumCell),
    '',
    '',
    members.known ? `${members.value.length} members` : cell(members),
  ];
}

const sumCell = ({ atLeast, unknown, parts }: GroupLag['lag']): string =>
  unknown === 0 ? String(atLeast) : `at least ${atLeast} (${unknown} of ${parts} unknown)`;

function cell(part: Part<unknown>): string {
  if (!part.known) return `? ${part.reason}`;
  if (part.value === null) return '-';
  return typeof part.value === 'number' ? String(Math.round(part.value)) : String(part.value);
}
