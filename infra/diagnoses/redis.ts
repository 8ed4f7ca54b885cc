import { messageOf } from '../errors.ts';
import { quoted } from '../probes/native-commands.ts';
import type { Finding } from '../probes/probe.ts';
import { notMapped, type Part, UnknownValue } from '../probes/reading.ts';
import { type RedisCluster, redisCluster } from '../probes/redis/cluster.ts';
import { type RedisNode, type RedisNodes, redisNodes } from '../probes/redis/nodes.ts';
import { keyOf } from '../probes/redis/nodes-findings.ts';
import type { KeysTogether } from '../redis/cluster/key-places.ts';
import type { Target } from '../target.ts';
import { printable, type Text } from '../text.ts';
import type { Answer, AskContext, Diagnosis, DiagnosisFinding, EvidenceRow, NextStep } from './diagnosis.ts';
import { readValue } from './read-probe.ts';

/** Nodes, shards, slots; and whether given keys may be used together. */
export const redis: Diagnosis = {
  id: 'redis',
  title: { ko: 'Redis와 Redis Cluster', en: 'Redis and Redis Cluster' },
  question: {
    ko: '노드가 모두 제때 응답하는가? 슬롯은 모두 주인이 있는가? 이 키들을 함께 쓸 수 있는가?',
    en: 'does every node answer in time, does every slot have an owner, may these keys be used together?',
  },
  probes: ['redis.nodes', 'redis.cluster'],
  narrowsBy: ['keys'],
  timeoutMs: 20_000,
  async ask(target, context): Promise<Answer> {
    const [nodes, cluster] = await Promise.all([
      partly(readValue(redisNodes, target, { ...context, subject: {} })),
      partly(readValue(redisCluster, target, context)),
    ]);
    if (!nodes.known && !cluster.known) throw new UnknownValue(nodes.reason);
    const findings = [
      ...(cluster.known ? keyFindings(cluster.value) : []),
      ...(cluster.known ? redisCluster.judge(cluster.value).map((one) => clusterFinding(one, cluster.value)) : []),
      ...(nodes.known ? redisNodes.judge(nodes.value).map((one) => nodeFinding(one, nodes.value)) : []),
    ];
    const gaps = gapsOf(nodes, cluster);
    return {
      status: findings.length > 0 ? 'finding' : gaps.length > 0 ? 'unknown' : 'clean',
      counts: countsOf(nodes, cluster),
      findings: [...findings].sort((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical')),
      explanation: explanationOf(nodes, cluster, gaps),
      next: nextSteps(target, context, findings),
    };
  },
};

async function partly<T>(reading: Promise<T>): Promise<Part<T>> {
  try {
    return { known: true, value: await reading };
  } catch (error) {
    return { known: false, reason: printable(messageOf(error)) };
  }
}

/** Where there is no cluster, slots are of no consequence. */
function keyFindings({ keys, cluster }: RedisCluster): readonly DiagnosisFinding[] {
  if (keys === undefined || keys.verdict === 'together' || !cluster.known) return [];
  const slots = new Set(keys.places.map(({ slot }) => slot)).size;
  const text: Text =
    keys.verdict === 'apart'
      ? {
          ko: `이 키 ${keys.places.length}개는 슬롯 ${slots}개에 흩어져 있어 멀티키 명령·트랜잭션·Lua가 CROSSSLOT으로 거부됨`,
          en: `these ${keys.places.length} keys are in ${slots} slots: multi-key commands, transactions and Lua are refused with CROSSSLOT`,
        }
      : {
          ko: '한 슬롯이지만 그 슬롯이 이동 중이라 멀티키 명령이 TRYAGAIN으로 실패할 수 있음',
          en: 'one slot, but it is being moved: a multi-key command can fail with TRYAGAIN',
        };
  return [{ key: `keys.${keys.verdict}`, kind: 'cross-slot', severity: 'warning', text, evidence: keyRows(keys) }];
}

const keyRows = ({ places }: KeysTogether): readonly EvidenceRow[] =>
  places.map(({ key, slot, hashTag, node }) => ({
    key: printable(key),
    slot,
    hash_tag: hashTag ?? null,
    node: node ?? null,
  }));

/** `redis.hot-shard.127-0-0-1:17001` → hot-shard. */
const kindOf = ({ key }: Finding): string => key.split('.')[1] ?? key;

const isAbout = ({ key }: Finding, address: string): boolean => key.split('.').includes(keyOf(address));

function nodeFinding(finding: Finding, { nodes, spread }: RedisNodes): DiagnosisFinding {
  const about = nodes.filter(({ address }) => isAbout(finding, address));
  const kind = kindOf(finding);
  // What is hot is so in comparison with the others.
  const rows = kind === 'hot-shard' ? nodes.filter(({ slots }) => slots > 0) : about;
  const extra = kind === 'hot-shard' && spread !== undefined ? { mean_per_s: Math.round(spread.meanPerSecond) } : {};
  return { ...finding, kind, evidence: rows.map((node) => ({ ...nodeEvidence(node), ...extra })) };
}

function nodeEvidence({ address, slots, facts, rates, timeoutsAtMs }: RedisNode): EvidenceRow {
  return {
    node: address,
    role: facts.known ? facts.value.role : null,
    slots,
    ops_per_s: rates.known ? Math.round(rates.value.ops) : null,
    usec_per_call: rates.known ? Math.round(rates.value.usecPerCall ?? 0) : null,
    ping_ms: facts.known ? Math.round(facts.value.pingMs * 10) / 10 : null,
    memory_bytes: facts.known ? facts.value.memory.used : null,
    timeouts: timeoutsAtMs.length,
  };
}

function clusterFinding(finding: Finding, { cluster }: RedisCluster): DiagnosisFinding {
  const nodes = cluster.known ? cluster.value.nodes : [];
  const about = nodes.filter(({ address }) => isAbout(finding, address));
  const rows = (about.length > 0 ? about : nodes).map(
    ({ id, address, role, health, slots, epoch }): EvidenceRow => ({ node: address, id, role, health, slots, epoch }),
  );
  return { ...finding, kind: kindOf(finding), evidence: rows };
}

/** What could not be looked at although it is there. */
function gapsOf(nodes: Part<RedisNodes>, cluster: Part<RedisCluster>): readonly string[] {
  const silent = nodes.known
    ? nodes.value.nodes.flatMap(({ address, facts }) => (facts.known ? [] : [`${address}: ${facts.reason}`]))
    : [nodes.reason];
  const isAbsent = !cluster.known && cluster.reason.startsWith(notMapped);
  return [...silent, ...(cluster.known || isAbsent ? [] : [cluster.reason])];
}

function countsOf(nodes: Part<RedisNodes>, cluster: Part<RedisCluster>): Answer['counts'] {
  const facts = cluster.known && cluster.value.cluster.known ? cluster.value.cluster.value : undefined;
  const checked = nodes.known ? nodes.value.nodes.filter((node) => node.facts.known).length : 0;
  return {
    nodes: nodes.known ? nodes.value.nodes.length : 0,
    checked,
    ...(cluster.known && cluster.value.keys !== undefined ? { keys: cluster.value.keys.places.length } : {}),
    ...(facts === undefined
      ? {}
      : {
          masters: facts.nodes.filter(({ role }) => role === 'master').length,
          replicas: facts.nodes.filter(({ role }) => role === 'replica').length,
          slotsAssigned: facts.slots.assigned,
          slotsUncovered: facts.slots.uncovered,
          slotsFail: facts.slots.fail,
          failovers: facts.failovers.length,
          epoch: facts.epoch,
        }),
  };
}

function explanationOf(nodes: Part<RedisNodes>, cluster: Part<RedisCluster>, gaps: readonly string[]): Text {
  const number = nodes.known ? nodes.value.nodes.length : 0;
  const hasCluster = cluster.known && cluster.value.cluster.known;
  const scope: Text = hasCluster
    ? {
        ko: `노드 ${number}개와 클러스터의 슬롯을 보았습니다`,
        en: `${number} ${number === 1 ? 'node' : 'nodes'} and the slots of the cluster`,
      }
    : {
        ko: `노드 ${number}개를 보았습니다. 클러스터는 없습니다`,
        en: `${number} ${number === 1 ? 'node' : 'nodes'}; there is no cluster`,
      };
  const keys = cluster.known ? cluster.value.keys : undefined;
  const told = keys === undefined ? undefined : keysText(keys);
  const failovers: Text = {
    ko: '페일오버는 보고 있는 동안의 것만 압니다',
    en: 'a failover is known only when it happened while somebody watched',
  };
  const unseen: Text = { ko: `읽지 못한 것: ${gaps.join('; ')}`, en: `could not be read: ${gaps.join('; ')}` };
  const parts = [
    scope,
    ...(told === undefined ? [] : [told]),
    ...(hasCluster ? [failovers] : []),
    ...(gaps.length > 0 ? [unseen] : []),
  ];
  return { ko: parts.map(({ ko }) => ko).join('. '), en: parts.map(({ en }) => en).join('. ') };
}

function keysText({ places, verdict }: KeysTogether): Text {
  const list = places
    .map(({ key, slot, hashTag }) => `${printable(key)} → ${slot}${hashTag === undefined ? '' : ` ({${hashTag}})`}`)
    .join(', ');
  return verdict === 'together'
    ? { ko: `슬롯: ${list}: 함께 쓸 수 있습니다`, en: `slots: ${list}: they may be used together` }
    : { ko: `슬롯: ${list}`, en: `slots: ${list}` };
}

function nextSteps(
  target: Target,
  { subject }: AskContext,
  findings: readonly DiagnosisFinding[],
): readonly NextStep[] {
  const steps: NextStep[] = [];
  const kinds = new Set(findings.map(({ kind }) => kind));
  if (kinds.has('cross-slot') || findings.some(({ key }) => key.endsWith('.CROSSSLOT'))) {
    const keys = (subject.keys ?? ['<key>', '<key>']).map((key) => `--key ${quoted(key)}`).join(' ');
    steps.push({
      text: {
        ko: '함께 쓸 키에 같은 해시 태그를 붙입니다 (balance:{42}, seq:{42}). 슬롯 확인',
        en: 'give keys that go together the same hash tag (balance:{42}, seq:{42}); see their slots',
      },
      command: `labctl get redis.cluster ${keys}`,
    });
  }
  if (kinds.has('hot-shard')) {
    steps.push({
      text: { ko: '어느 키가 뜨거운지 보기', en: 'see which key is hot' },
      command: 'labctl diagnose hot-keys',
    });
  }
  if (findings.length > 0) {
    const watched = target.endpoints.redisCluster === undefined ? 'redis.nodes' : 'redis.cluster';
    steps.push({ text: { ko: '계속 지켜보기', en: 'watch it' }, command: `labctl get ${watched} -w` });
  }
  return steps;
}
