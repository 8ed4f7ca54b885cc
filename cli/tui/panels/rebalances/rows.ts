import type { GroupRebalances, KafkaRebalances } from '../../../../infra/probes/kafka/rebalances.ts';
import type { GroupEvent } from '../../../../infra/probes/kafka/rebalances-timeline.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say } from '../../../../infra/text.ts';
import { count, duration, lasted, timeOfDay } from '../../ui/format.ts';
import { blank, cutText, type Line, line, span, type Tone } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext, withoutHeading } from '../panel.ts';

const words = {
  heading: [
    { ko: '그룹', en: 'group' },
    { ko: '상태', en: 'state' },
    { ko: '세대', en: 'gen' },
    { ko: '분당', en: '/min' },
    { ko: '멤버', en: 'members' },
    { ko: '세션', en: 'session' },
    { ko: '리밸런스', en: 'rebalance' },
    { ko: '할당', en: 'assignor' },
    { ko: '방식', en: 'type' },
  ],
  timeline: { ko: '최근 일어난 일', en: 'what happened lately' },
  joined: { ko: '들어옴', en: 'joined' },
  left: { ko: '나감', en: 'left' },
  members: (n: number) => ({ ko: `멤버 ${n}`, en: `${n} members` }),
  after: (ms: number) => ({ ko: `${duration(ms, 'ko')} 뒤`, en: `after ${duration(ms, 'en')}` }),
  generation: { ko: '세대', en: 'generation' },
} as const;

/** A group a line, and beneath them, where there is room, the latest events of all of them. */
export function rebalanceLines(value: KafkaRebalances, context: RowsContext): readonly Line[] {
  const { width, height, language, scrolls } = context;
  const heading = words.heading.map((text) => line(say(text, language), 'muted'));
  const groups = table([heading, ...value.groups.map((group) => cellsOf(group, context))], {
    width,
    columns: [
      { grow: true, min: 12 },
      { min: 6 },
      { align: 'right' },
      { align: 'right' },
      { align: 'right' },
      { align: 'right', drop: 2 },
      { align: 'right', drop: 3 },
      { drop: 4 },
      { drop: 5 },
    ],
  });
  const spare = scrolls ? Number.POSITIVE_INFINITY : height - groups.length - 2;
  const events = value.groups
    .flatMap((group) => group.events.map((event) => ({ group, event })))
    .sort((a, b) => b.event.atMs - a.event.atMs);
  if (spare < 1 || events.length === 0) return withoutHeading(groups, context);
  return [
    ...groups,
    blank,
    line(say(words.timeline, language), 'muted'),
    ...events.slice(0, spare).map(({ group, event }) => eventLine(group, event, context)),
  ];
}

function cellsOf(group: GroupRebalances, { language, toneOf }: RowsContext): readonly Line[] {
  const name = group.role ?? group.groupId;
  const found = toneOf(name.replaceAll('.', '_'));
  const tone = found === 'ok' && !group.state.known ? 'unknown' : found;
  const { members } = group;
  return [
    [span(`${marks[tone]} `, tone, { bold: true }), span(printable(name))],
    stateCell(group),
    part(group.generation, String),
    line(count(group.lastMinute), group.lastMinute > 0 ? 'accent' : 'muted'),
    part(members, (all) => count(all.length)),
    timeoutCell(group, 'sessionTimeoutMs', language),
    timeoutCell(group, 'rebalanceTimeoutMs', language),
    group.assignor.known ? line(printable(group.assignor.value), 'muted') : line('-', 'muted'),
    part(group.type, String, 'muted'),
  ];
}

const part = <T>(value: Part<T>, text: (known: T) => string, tone: Tone = 'plain'): Line =>
  value.known ? line(printable(text(value.value)), tone) : line('?', 'unknown');

function stateCell({ state, stateSinceMs, seenAtMs }: GroupRebalances): Line {
  if (!state.known) return line('?', 'unknown');
  const calm = state.value === 'Stable';
  const since = calm ? '' : ` ${lasted(seenAtMs - stateSinceMs).en}`;
  return line(`${printable(state.value)}${since}`, calm ? 'plain' : 'warning');
}

/** The shortest of the members'. */
function timeoutCell(
  { members }: GroupRebalances,
  which: 'sessionTimeoutMs' | 'rebalanceTimeoutMs',
  language: Language,
): Line {
  const known = members.known
    ? members.value.flatMap((member) => (member[which].known ? [member[which].value] : []))
    : [];
  return known.length === 0 ? line('?', 'unknown') : line(duration(Math.min(...known), language), 'muted');
}

function eventLine({ role, groupId }: GroupRebalances, event: GroupEvent, { width, language }: RowsContext): Line {
  const name = cutText(printable(role ?? groupId), Math.max(12, Math.floor(width / 4)));
  const { text, tone } = told(event, language);
  return [
    span(`${timeOfDay(event.atMs)}  `, 'muted'),
    span(`${name}  `, 'accent'),
    span(cutText(text, Math.max(1, width - name.length - 14)), tone),
  ];
}

function told(event: GroupEvent, language: Language): { readonly text: string; readonly tone: Tone } {
  switch (event.kind) {
    case 'generation': {
      const members = say(words.members(event.members), language);
      return {
        text: `${say(words.generation, language)} ${event.from ?? '?'} → ${event.to} · ${members}`,
        tone: 'plain',
      };
    }
    case 'state':
      return {
        text: `${printable(event.from)} → ${printable(event.to)} ${say(words.after(event.lastedMs), language)}`,
        tone: 'muted',
      };
    default: {
      const verb = say(words[event.kind], language);
      const tone = event.kind === 'left' ? 'warning' : 'ok';
      return {
        text: `${event.kind === 'left' ? '−' : '+'} ${printable(event.clientId)} ${verb} (${printable(event.host)})`,
        tone,
      };
    }
  }
}

export function rebalanceSummary({ groups }: KafkaRebalances, { language }: RowsContext): Line {
  const told = groups.map(({ role, groupId, state, lastMinute }) => {
    const word = state.known ? printable(state.value) : '?';
    return `${printable(role ?? groupId)} ${word} ${lastMinute}${say(words.heading[3], language)}`;
  });
  return line(told.join(' · '));
}
