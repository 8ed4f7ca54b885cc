import { rpcText } from '../../kafka/rpc-counter.ts';
import type { Part } from '../reading.ts';
import type { GroupRebalances, KafkaRebalances, RebalanceMember } from './rebalances.ts';
import type { GroupEvent } from './rebalances-timeline.ts';

const heading = [
  'GROUP',
  'TYPE',
  'STATE',
  'GENERATION',
  'ASSIGNOR',
  'PER MINUTE',
  'WHAT',
  'CLIENT',
  'PARTITIONS',
  'SESSION MS',
  'REBALANCE MS',
];

/** A line a group, its members, its latest events, and what the reading cost. */
export function rebalanceRows({ groups, missing, rpcs, readMs }: KafkaRebalances): readonly (readonly string[])[] {
  return [
    heading,
    ...groups.flatMap((group) => [groupRow(group), ...memberRows(group), ...eventRows(group)]),
    ...missing.map(({ broker, reason }) => padded([`? groups of ${broker}`, reason])),
    padded([rpcText(rpcs), `${readMs} ms`]),
  ];
}

const padded = (cells: readonly string[]): readonly string[] => heading.map((_, index) => cells[index] ?? '');

function groupRow({ groupId, type, state, generation, assignor, lastMinute, members }: GroupRebalances) {
  const count = members.known ? `${members.value.length} members` : cell(members);
  return padded([groupId, cell(type), cell(state), cell(generation), cell(assignor), String(lastMinute), count]);
}

function memberRows({ groupId, members }: GroupRebalances): readonly (readonly string[])[] {
  if (!members.known) return [];
  return members.value.map((member: RebalanceMember) => [
    groupId,
    '',
    '',
    member.epoch === undefined ? '' : String(member.epoch),
    '',
    '',
    `member ${member.memberId}`,
    `${member.clientId} ${member.host}`,
    String(member.partitions),
    cell(member.sessionTimeoutMs),
    cell(member.rebalanceTimeoutMs),
  ]);
}

const eventRowsMax = 10;

function eventRows({ groupId, events }: GroupRebalances): readonly (readonly string[])[] {
  return events
    .slice(-eventRowsMax)
    .map((event) =>
      padded([
        groupId,
        '',
        '',
        '',
        '',
        '',
        `${new Date(event.atMs).toISOString()} ${eventText(event)}`,
        clientOf(event),
      ]),
    );
}

const clientOf = (event: GroupEvent): string => ('clientId' in event ? event.clientId : '');

function eventText(event: GroupEvent): string {
  switch (event.kind) {
    case 'generation':
      return `generation ${event.from ?? '?'} → ${event.to}, ${event.members} members`;
    case 'state':
      return `${event.from} → ${event.to} after ${event.lastedMs} ms`;
    default:
      return event.kind;
  }
}

const cell = (part: Part<unknown>): string => (part.known ? String(part.value) : `? ${part.reason}`);
