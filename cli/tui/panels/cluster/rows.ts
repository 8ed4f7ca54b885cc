import type { ClusterBroker, KafkaCluster, QuorumMember } from '../../../../infra/probes/kafka/cluster.ts';
import { printable, say, type Text } from '../../../../infra/text.ts';
import { count, lasted } from '../../ui/format.ts';
import { cut, join, type Line, line, span, type Tone } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  heading: [
    { ko: '  노드', en: '  node' },
    { ko: '상태', en: 'state' },
    { ko: '리더', en: 'leads' },
    { ko: '복제본', en: 'replicas' },
    { ko: '메타데이터 지연', en: 'metadata lag' },
    { ko: '버전', en: 'version' },
    { ko: '주소', en: 'address' },
  ],
  brokers: (alive: number, of: number): Text => ({ ko: `브로커 ${alive}/${of}`, en: `brokers ${alive}/${of}` }),
  controller: (id: number, epoch: number): Text => ({
    ko: `컨트롤러 ${id} · 에포크 ${epoch}`,
    en: `controller ${id} · epoch ${epoch}`,
  }),
  noController: { ko: '활성 컨트롤러 없음', en: 'no active controller' },
  unknownQuorum: { ko: '쿼럼을 알 수 없음', en: 'quorum unknown' },
  alive: { ko: '살아 있음', en: 'alive' },
  gone: { ko: '없음', en: 'gone' },
  active: { ko: '활성', en: 'active' },
  voter: { ko: '투표', en: 'voter' },
  behind: (age: Text): Text => ({ ko: `${age.ko} 뒤처짐`, en: `behind for ${age.en}` }),
} as const;

/** Who is there, who leads, and how far each follows the controllers' log. */
export function clusterRows(value: KafkaCluster, context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const { brokers, quorum } = value;
  const members = quorum.known ? quorum.value.replicas : [];
  const heading = words.heading.map((text) => line(say(text, language), 'muted'));
  const rows = [
    ...members.filter(({ role }) => role !== 'observer').map((member) => controllerCells(member, context)),
    ...brokers.map((broker) =>
      brokerCells(
        broker,
        members.find(({ nodeId, role }) => nodeId === broker.nodeId && role === 'observer'),
        context,
      ),
    ),
  ];
  return [
    cut(clusterSummary(value, context), width),
    ...(quorum.known ? [] : [cut(line(`${marks.unknown} ${printable(quorum.reason)}`, 'unknown'), width)]),
    ...table([heading, ...rows], {
      width,
      columns: [
        {},
        {},
        { align: 'right', drop: 2 },
        { align: 'right', drop: 3 },
        { align: 'right' },
        { drop: 4 },
        { grow: true, min: 12, drop: 1 },
      ],
    }),
  ];
}

function brokerCells(
  broker: ClusterBroker,
  member: QuorumMember | undefined,
  { language, toneOf }: RowsContext,
): readonly Line[] {
  const tone: Tone = broker.alive ? 'ok' : toneOf(String(broker.nodeId)) === 'ok' ? 'unknown' : 'critical';
  return [
    [span(`${marks[tone]} `, tone, { bold: true }), span(`kafka ${broker.nodeId}`)],
    broker.alive ? line(say(words.alive, language), 'muted') : line(say(words.gone, language), tone),
    line(count(broker.leads)),
    line(count(broker.replicas), 'muted'),
    member === undefined ? line('-', 'muted') : lagCell(member, language),
    line(broker.version === undefined ? '-' : printable(broker.version), 'muted'),
    line(broker.address === undefined ? '-' : printable(broker.address), 'muted'),
  ];
}

function controllerCells(member: QuorumMember, { language, toneOf }: RowsContext): readonly Line[] {
  const tone = toneOf(String(member.nodeId));
  return [
    [span(`${marks[tone]} `, tone, { bold: true }), span(`controller ${member.nodeId}`)],
    line(
      say(member.role === 'leader' ? words.active : words.voter, language),
      member.role === 'leader' ? 'accent' : 'muted',
    ),
    line('-', 'muted'),
    line('-', 'muted'),
    lagCell(member, language),
  ];
}

/** Below this it is the rhythm of fetching. */
const noticeMs = 2_000;

function lagCell({ lag, behindMs }: QuorumMember, language: RowsContext['language']): Line {
  const late = lag > 0n && behindMs.known && behindMs.value >= noticeMs;
  return late
    ? [span(count(lag)), span(` ${say(words.behind(lasted(behindMs.value)), language)}`, 'warning')]
    : line(count(lag), lag > 0n ? 'plain' : 'muted');
}

export function clusterSummary({ brokers, quorum }: KafkaCluster, { language }: RowsContext): Line {
  const alive = brokers.filter((broker) => broker.alive).length;
  const parts: Line[] = [
    line(say(words.brokers(alive, brokers.length), language), alive < brokers.length ? 'critical' : 'plain', {
      bold: true,
    }),
  ];
  if (!quorum.known) parts.push(line(`${marks.unknown} ${say(words.unknownQuorum, language)}`, 'unknown'));
  else if (quorum.value.leaderId === undefined) parts.push(line(say(words.noController, language), 'critical'));
  else parts.push(line(say(words.controller(quorum.value.leaderId, quorum.value.epoch), language)));
  return join(parts, line(' · ', 'muted'));
}
