import type { NodeFacts, NodeRates } from '../../redis/read-node.ts';
import type { Finding } from '../probe.ts';
import type { RedisNode, RedisNodes, ShardSpread } from './nodes.ts';

/** From here on one master carries clearly more than its share. */
const hotFactor = 1.5;
/** Below this much a master is not hot, however uneven the few commands are: a server does a hundred times as much. */
const hotOpsMin = 300;
const slowPingMs = 100;
const slowPings = 3;
/** GET takes about 1 µs inside the server: a mean like this is a blocking command, a big key or a starved processor. */
const slowCallUs = 5_000;
const slowCallsPerSecond = 5;
const fullShare = 0.95;
const linkDownSeconds = 5;
const lagBytesMax = 16 * 1024 * 1024;
/** Errors that say what is wrong with the server or with whoever uses it; MOVED, ASK and NOSCRIPT are everyday. */
const tellingErrors = ['CROSSSLOT', 'TRYAGAIN', 'CLUSTERDOWN', 'OOM', 'BUSY', 'MISCONF', 'LOADING', 'NOREPLICAS'];

export function judgeRedisNodes({ nodes, spread }: RedisNodes): readonly Finding[] {
  return [...(spread === undefined ? [] : hotShard(spread)), ...nodes.flatMap(nodeFindings)];
}

export const isHotShard = ({ factor, opsPerSecond }: ShardSpread): boolean =>
  factor > hotFactor && opsPerSecond >= hotOpsMin;

function hotShard(spread: ShardSpread): readonly Finding[] {
  if (!isHotShard(spread)) return [];
  const { hottest, opsPerSecond, meanPerSecond, factor, seconds } = spread;
  const [ops, mean, times] = [opsPerSecond.toFixed(0), meanPerSecond.toFixed(0), factor.toFixed(1)];
  return [
    {
      key: `redis.hot-shard.${keyOf(hottest)}`,
      severity: 'warning',
      text: {
        ko: `핫 샤드 ${hottest}: 초당 ${ops}건, 마스터 평균 ${mean}건의 ${times}배 (${seconds.toFixed(0)}초 동안)`,
        en: `hot shard ${hottest}: ${ops} commands/s, ${times} times the mean of the masters, ${mean} (over ${seconds.toFixed(0)} s)`,
      },
    },
  ];
}

/** Keys are dotted, addresses too. */
export const keyOf = (address: string): string => address.replaceAll('.', '-');

function nodeFindings(node: RedisNode): readonly Finding[] {
  return [
    ...timeoutFinding(node),
    ...pingFinding(node),
    ...(node.facts.known ? factFindings(node.address, node.facts.value) : []),
    ...(node.rates.known ? rateFindings(node.address, node.rates.value) : []),
  ];
}

/** One that never answers is unknown; one that answers now and then is slow. */
function timeoutFinding({ address, facts, timeoutsAtMs }: RedisNode): readonly Finding[] {
  if (!facts.known || timeoutsAtMs.length < 2) return [];
  const times = timeoutsAtMs.length;
  return [
    {
      key: `redis.timeouts.${keyOf(address)}`,
      severity: 'warning',
      text: {
        ko: `${address}: 최근 1분 동안 ${times}번 제때 응답하지 않음`,
        en: `${address} gave no answer in time ${times} times in the last minute`,
      },
    },
  ];
}

function pingFinding({ address, facts, pingsMs }: RedisNode): readonly Finding[] {
  const least = Math.min(...pingsMs.slice(-slowPings));
  if (!facts.known || pingsMs.length < slowPings || least < slowPingMs) return [];
  return [
    {
      key: `redis.ping.${keyOf(address)}`,
      severity: 'warning',
      text: {
        ko: `${address}: PING 왕복이 계속 ${least.toFixed(0)} ms 이상`,
        en: `${address}: each PING takes ${least.toFixed(0)} ms or more`,
      },
    },
  ];
}

function factFindings(address: string, { memory, link, replicas }: NodeFacts): readonly Finding[] {
  const findings: Finding[] = [];
  if (memory.max !== undefined && memory.policy === 'noeviction' && memory.used >= memory.max * fullShare) {
    const percent = ((memory.used / memory.max) * 100).toFixed(0);
    findings.push({
      key: `redis.memory.${keyOf(address)}`,
      severity: 'critical',
      text: {
        ko: `${address}: 메모리 ${percent} % 사용, 정책이 noeviction이라 곧 쓰기가 OOM으로 거부됨`,
        en: `${address}: ${percent} % of maxmemory is used and the policy is noeviction: writes are about to fail with OOM`,
      },
    });
  }
  if (link !== undefined && !link.isUp && link.downSeconds >= linkDownSeconds) {
    findings.push({
      key: `redis.link.${keyOf(address)}`,
      severity: 'warning',
      text: {
        ko: `${address}: 마스터 ${link.master}와 ${link.downSeconds}초째 끊겨 있음`,
        en: `${address} has had no link to its master ${link.master} for ${link.downSeconds} s`,
      },
    });
  }
  const behind = replicas.find(({ lagBytes }) => lagBytes > lagBytesMax);
  if (behind !== undefined) {
    const megabytes = (behind.lagBytes / 1024 / 1024).toFixed(0);
    findings.push({
      key: `redis.lag.${keyOf(behind.address)}`,
      severity: 'warning',
      text: {
        ko: `복제본 ${behind.address}이(가) 마스터 ${address}보다 ${megabytes} MB 뒤처짐`,
        en: `replica ${behind.address} is ${megabytes} MB behind its master ${address}`,
      },
    });
  }
  return findings;
}

function rateFindings(address: string, rates: NodeRates): readonly Finding[] {
  const findings: Finding[] = [];
  if (rates.rejectedConnections > 0) {
    findings.push({
      key: `redis.rejected.${keyOf(address)}`,
      severity: 'critical',
      text: {
        ko: `${address}: 연결을 초당 ${rates.rejectedConnections.toFixed(1)}개 거부함 (maxclients)`,
        en: `${address} rejects ${rates.rejectedConnections.toFixed(1)} connections/s (maxclients)`,
      },
    });
  }
  const slow = rates.commands.find((one) => one.usecPerCall >= slowCallUs && one.perSecond >= slowCallsPerSecond);
  if (slow !== undefined) {
    const ms = (slow.usecPerCall / 1000).toFixed(1);
    findings.push({
      key: `redis.slow.${keyOf(address)}`,
      severity: 'warning',
      text: {
        ko: `${address}: ${slow.command} 한 번에 평균 ${ms} ms, 그동안 다른 명령은 모두 기다림`,
        en: `${address}: one ${slow.command} takes ${ms} ms on average, and all other commands wait for it`,
      },
    });
  }
  for (const error of tellingErrors) {
    const perSecond = rates.errors[error];
    if (perSecond === undefined) continue;
    findings.push({
      key: `redis.errors.${keyOf(address)}.${error}`,
      severity: 'warning',
      text: {
        ko: `${address}: ${error} 오류를 초당 ${perSecond.toFixed(1)}번 돌려줌`,
        en: `${address} answers ${error} ${perSecond.toFixed(1)} times/s`,
      },
    });
  }
  return findings;
}
