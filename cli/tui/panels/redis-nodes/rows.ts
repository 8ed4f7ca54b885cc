import { type RedisNode, type RedisNodes, replicationText, slowestP99 } from '../../../../infra/probes/redis/nodes.ts';
import { isHotShard, keyOf } from '../../../../infra/probes/redis/nodes-findings.ts';
import type { NodeFacts } from '../../../../infra/redis/read-node.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { highest, sparkline } from '../../ui/chart.ts';
import { count, latency, rateOf } from '../../ui/format.ts';
import { cut, join, type Line, line, span, spread, type Tone } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  unknown: { ko: '알 수 없음', en: 'unknown' },
  even: (factor: string): Text => ({
    ko: `가장 바쁜 샤드: 평균의 ${factor}배`,
    en: `busiest shard: ${factor} × the mean`,
  }),
  timeouts: (times: number): Text => ({ ko: `시간 초과 ${times}`, en: `${times} timeouts` }),
  blocked: (clients: number): Text => ({ ko: ` (대기 ${clients})`, en: ` (${clients} blocked)` }),
  role: { master: { ko: '마스터', en: 'master' }, replica: { ko: '복제본', en: 'replica' } },
  nodes: (nodes: number): Text => ({ ko: `노드 ${nodes}개`, en: `${nodes} ${nodes === 1 ? 'node' : 'nodes'}` }),
  silent: (nodes: number): Text => ({ ko: `${nodes}개는 알 수 없음`, en: `${nodes} unknown` }),
  heading: {
    node: { ko: '노드', en: 'node' },
    role: { ko: '역할', en: 'role' },
    ops: { ko: '초당', en: 'ops/s' },
    call: { ko: '호출당', en: 'per call' },
    ping: { ko: 'PING', en: 'ping' },
    memory: { ko: '메모리', en: 'memory' },
    lag: { ko: '복제', en: 'repl' },
    cpu: { ko: 'CPU', en: 'cpu' },
    clients: { ko: '연결', en: 'clients' },
    evicted: { ko: '축출', en: 'evicted' },
    p99: { ko: '서버 p99', en: 'p99 inside' },
  },
} as const;

/** How even the load is; then a node a line. */
export function redisNodeRows(value: RedisNodes, context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const heading = Object.values(words.heading).map((text, index) =>
    line(`${index === 0 ? '  ' : ''}${say(text, language)}`, 'muted'),
  );
  const right = { align: 'right' } as const;
  const columns = [
    {},
    { drop: 3 },
    right,
    { ...right, drop: 4 },
    { ...right, drop: 2 },
    { ...right, drop: 5 },
    { ...right, drop: 1 },
    { ...right, drop: 6 },
    { ...right, drop: 7 },
    { ...right, drop: 8 },
    { ...right, drop: 9 },
  ];
  const rows = table([heading, ...value.nodes.map((node) => cellsOf(node, context))], { width, columns });
  const lines = [
    ...spreadLine(value, context),
    ...rows.slice(0, 1),
    ...value.nodes.flatMap((node, index) => [rows[index + 1] ?? [], ...reasonLine(node, language)]),
  ];
  return lines.map((row) => cut(row, context.width));
}

function spreadLine({ spread: even, nodes }: RedisNodes, { width, language, trend }: RowsContext): readonly Line[] {
  const known = nodes.flatMap(({ rates }) => (rates.known ? [rates.value.ops] : []));
  const ops = trend('ops');
  const total: Line = [
    ...(highest(ops) > 0 ? [span(`${sparkline(ops, Math.min(30, Math.floor(width / 4)), 100)}  `, 'accent')] : []),
    span(known.length === nodes.length ? `${rateOf(known.reduce((sum, one) => sum + one, 0))}/s` : ''),
  ];
  if (even === undefined) return known.length === nodes.length ? [spread([], total, width)] : [];
  const tone: Tone = isHotShard(even) ? 'warning' : 'muted';
  return [spread(line(say(words.even(even.factor.toFixed(1)), language), tone), total, width)];
}

function toneOfNode(node: RedisNode, { toneOf }: RowsContext): Tone {
  const found = toneOf(keyOf(node.address));
  return found === 'ok' && !node.facts.known ? 'unknown' : found;
}

function cellsOf(node: RedisNode, context: RowsContext): readonly Line[] {
  const { language } = context;
  const tone = toneOfNode(node, context);
  const name: Line = [span(`${marks[tone]} `, tone, { bold: true }), span(printable(node.address))];
  const { facts, rates } = node;
  if (!facts.known) return [name, line(`${marks.unknown} ${say(words.unknown, language)}`, 'unknown')];
  const rate = rates.known ? rates.value : undefined;
  const p99 = slowestP99(node);
  const { role, pingMs, clients, evicted } = facts.value;
  return [
    name,
    line(say(words.role[role], language), 'muted'),
    rate === undefined ? line('-', 'muted') : line(rateOf(rate.ops), 'plain', { bold: true }),
    rate?.usecPerCall === undefined ? line('-', 'muted') : line(micros(rate.usecPerCall)),
    line(latency(pingMs, language)),
    memoryCell(facts.value),
    line(replicationText(facts.value), facts.value.link?.isUp === false ? 'warning' : 'muted'),
    rate === undefined ? [] : line(`${(rate.cpu * 100).toFixed(0)} %`),
    line(`${count(clients.connected)}${clients.blocked > 0 ? say(words.blocked(clients.blocked), language) : ''}`),
    line(count(evicted), evicted > 0 ? 'plain' : 'muted'),
    p99 === undefined ? [] : line(`${micros(p99.p99Us)} ${printable(p99.command)}`, 'muted'),
  ];
}

const micros = (usec: number): string =>
  usec < 10_000 ? `${usec.toFixed(usec < 10 ? 1 : 0)} µs` : `${(usec / 1000).toFixed(0)} ms`;

function memoryCell({ memory: { used, max } }: NodeFacts): Line {
  const megabytes = `${(used / 1024 / 1024).toFixed(0)} MB`;
  return line(max === undefined ? megabytes : `${megabytes} ${Math.round((used / max) * 100)} %`);
}

/** Why nothing is known of it, and how often it kept others waiting. */
function reasonLine({ facts, timeoutsAtMs }: RedisNode, language: Language): readonly Line[] {
  const parts = [
    ...(facts.known ? [] : [line(printable(facts.reason), 'unknown')]),
    ...(timeoutsAtMs.length > 0 ? [line(say(words.timeouts(timeoutsAtMs.length), language), 'warning')] : []),
  ];
  return parts.length === 0 ? [] : [[span('    '), ...join(parts, line(' · ', 'muted'))]];
}

export function redisNodesSummary({ nodes, spread: even }: RedisNodes, { language }: RowsContext): Line {
  const silent = nodes.filter(({ facts }) => !facts.known).length;
  const parts = [
    line(say(words.nodes(nodes.length), language)),
    ...(silent > 0 ? [line(say(words.silent(silent), language), 'unknown')] : []),
    ...(even === undefined
      ? []
      : [line(say(words.even(even.factor.toFixed(1)), language), isHotShard(even) ? 'warning' : 'muted')]),
  ];
  return join(parts, line(' · ', 'muted'));
}
