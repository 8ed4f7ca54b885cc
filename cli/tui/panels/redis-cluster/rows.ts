import type { ClusterFacts, ClusterNode, RedisCluster } from '../../../../infra/probes/redis/cluster.ts';
import { keyOf } from '../../../../infra/probes/redis/nodes-findings.ts';
import { slotCount } from '../../../../infra/redis/cluster/cluster-view.ts';
import type { KeysTogether } from '../../../../infra/redis/cluster/key-places.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { ago, count } from '../../ui/format.ts';
import { cut, cutText, flow, join, type Line, line, span, type Tone } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

const words = {
  unknown: { ko: '알 수 없음', en: 'unknown' },
  state: { ko: '상태', en: 'state' },
  slots: { ko: '슬롯', en: 'slots' },
  pfail: (slots: number): Text => ({ ko: `의심 ${slots}`, en: `${slots} suspect` }),
  fail: (slots: number): Text => ({ ko: `실패 ${slots}`, en: `${slots} failed` }),
  uncovered: (slots: number): Text => ({ ko: `주인 없음 ${slots}`, en: `${slots} uncovered` }),
  masters: (masters: number, replicas: number): Text => ({
    ko: `마스터 ${masters} · 복제본 ${replicas}`,
    en: `${counted(masters, 'master')} · ${counted(replicas, 'replica')}`,
  }),
  epoch: { ko: '에폭', en: 'epoch' },
  master: { ko: '마스터', en: 'master' },
  replicaOf: (master: string): Text => ({ ko: `${master}의 복제본`, en: `replica of ${master}` }),
  health: {
    ok: [],
    suspect: { ko: '의심 (fail?)', en: 'suspect (fail?)' },
    failing: { ko: '죽음 (fail)', en: 'failed (fail)' },
  },
  failover: (from: string, to: string, when: Text): Text => ({
    ko: `페일오버 ${when.ko}: ${from} → ${to}`,
    en: `failover ${when.en}: ${from} → ${to}`,
  }),
  moving: (moves: number): Text => ({
    ko: `이동 중인 슬롯 ${moves}개`,
    en: `${counted(moves, 'slot')} ${moves === 1 ? 'is' : 'are'} moving`,
  }),
  verdict: {
    together: { ko: '한 슬롯: 함께 쓸 수 있음', en: 'one slot: they go together' },
    moving: { ko: '한 슬롯이지만 이동 중: TRYAGAIN이 날 수 있음', en: 'one slot, but moving: TRYAGAIN is possible' },
    apart: { ko: '슬롯이 다름: CROSSSLOT', en: 'several slots: CROSSSLOT' },
  },
} as const;

export function redisClusterRows({ cluster, keys }: RedisCluster, context: RowsContext): readonly Line[] {
  const asked = keys === undefined ? [] : keyLines(keys, context);
  if (!cluster.known) {
    const why = `${marks.unknown} ${say(words.unknown, context.language)} (${printable(cluster.reason)})`;
    return fitted([line(why, 'unknown'), ...asked], context);
  }
  const { value } = cluster;
  const lines = [...stateLines(value, context), ...nodeLines(value, context), ...eventLines(value, context)];
  return fitted([...lines, ...asked], context);
}

const fitted = (lines: readonly Line[], { width }: RowsContext): readonly Line[] => lines.map((row) => cut(row, width));

function stateLines(facts: ClusterFacts, { width, language }: RowsContext): readonly Line[] {
  const { slots, nodes, epoch } = facts;
  const masters = nodes.filter(({ role }) => role === 'master').length;
  const bad: readonly (readonly [number, Text, Tone])[] = [
    [slots.uncovered, words.uncovered(slots.uncovered), 'critical'],
    [slots.fail, words.fail(slots.fail), 'critical'],
    [slots.pfail, words.pfail(slots.pfail), 'warning'],
  ];
  const label = (text: Text): Line[number] => span(`${say(text, language)} `, 'muted');
  return flow(
    [
      [label(words.state), stateOf(facts, language)],
      [label(words.slots), span(`${count(slots.assigned)}/${count(slotCount)}`)],
      ...bad.flatMap(([number, text, tone]) => (number > 0 ? [line(say(text, language), tone)] : [])),
      line(say(words.masters(masters, nodes.length - masters), language), 'muted'),
      [label(words.epoch), span(count(epoch))],
    ],
    { width, indent: 0 },
  );
}

function stateOf({ views }: ClusterFacts, language: Language): Line[number] {
  const states = views.flatMap(({ view }) => (view.known ? [view.value.state] : []));
  const bad = states.find((state) => state !== 'ok');
  if (bad !== undefined) return span(printable(bad), 'critical', { bold: true });
  return states.length === 0 ? span(say(words.unknown, language), 'unknown') : span('ok', 'ok', { bold: true });
}

function nodeLines({ nodes, views }: ClusterFacts, context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const cells = nodes.map((node): readonly Line[] => {
    const view = views.find(({ address }) => address === node.address)?.view;
    const tone = toneOfNode(node, view?.known !== true, context);
    const reason = view?.known === false ? printable(view.reason) : '';
    return [
      [span(`${marks[tone]} `, tone, { bold: true }), span(printable(node.address))],
      line(roleText(node, nodes, language), 'muted'),
      node.slots === 0 ? [] : line(count(node.slots)),
      node.health === 'ok' ? line(reason, 'unknown') : line(say(words.health[node.health], language), tone),
      line(node.ranges, 'muted'),
    ];
  });
  return table(cells, { width, columns: [{}, {}, { align: 'right' }, { grow: true, min: 10 }, { drop: 1 }] });
}

function toneOfNode({ address, health }: ClusterNode, isSilent: boolean, { toneOf }: RowsContext): Tone {
  const found = toneOf(keyOf(address));
  if (found !== 'ok') return found;
  if (health !== 'ok') return 'warning';
  return isSilent ? 'unknown' : 'ok';
}

function roleText({ role, masterId }: ClusterNode, nodes: readonly ClusterNode[], language: Language): string {
  if (role === 'master') return say(words.master, language);
  const master = nodes.find(({ id }) => id === masterId)?.address ?? '?';
  return say(words.replicaOf(`:${master.split(':').at(-1)}`), language);
}

function eventLines({ failovers, moves }: ClusterFacts, { language, nowMs }: RowsContext): readonly Line[] {
  return [
    ...failovers
      .slice(-3)
      .map(({ from, to, atMs }) => line(say(words.failover(from, to, ago(nowMs - atMs)), language), 'warning')),
    ...(moves.length === 0 ? [] : [line(say(words.moving(moves.length), language), 'accent')]),
  ];
}

function keyLines({ places, verdict }: KeysTogether, { width, language }: RowsContext): readonly Line[] {
  const rows = places.map(({ key, slot, hashTag, node }): readonly Line[] => [
    line(cutText(printable(key), 40)),
    line(String(slot), 'plain', { bold: true }),
    line(hashTag === undefined ? '' : `{${cutText(printable(hashTag), 20)}}`, 'accent'),
    line(node ?? '', 'muted'),
  ]);
  const told = line(say(words.verdict[verdict], language), verdict === 'together' ? 'ok' : 'warning');
  return [
    ...table(rows, { width, columns: [{ grow: true, min: 12 }, { align: 'right' }, { drop: 1 }, { drop: 2 }] }),
    ...(places.length > 1 ? [told] : []),
  ];
}

export function redisClusterSummary({ cluster }: RedisCluster, { language }: RowsContext): Line {
  if (!cluster.known) return line(`${marks.unknown} ${printable(cluster.reason)}`, 'unknown');
  const { slots, failovers } = cluster.value;
  return join(
    [
      [stateOf(cluster.value, language)],
      line(`${say(words.slots, language)} ${count(slots.assigned)}`),
      ...(failovers.length > 0 ? [line(`failover ${failovers.length}`, 'warning')] : []),
    ],
    line(' · ', 'muted'),
  );
}
