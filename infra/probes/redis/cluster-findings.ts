import type { Finding } from '../probe.ts';
import type { ClusterFacts, ClusterNode, RedisCluster } from './cluster.ts';
import { keyOf } from './nodes-findings.ts';

/** That keys do not go together is an answer, not something that is wrong with the cluster. */
export function judgeRedisCluster({ cluster }: RedisCluster): readonly Finding[] {
  if (!cluster.known) return [];
  const { value } = cluster;
  return [
    ...stateFinding(value),
    ...slotFindings(value),
    ...value.nodes.flatMap((node) => nodeFinding(node)),
    ...loneMasters(value),
    ...value.failovers.map(
      ({ from, to, slots, epoch }): Finding => ({
        key: `cluster.failover.${keyOf(to)}.${epoch}`,
        severity: 'warning',
        text: {
          ko: `페일오버: ${to}이(가) ${from}의 슬롯 ${slots}개를 넘겨받음 (에폭 ${epoch})`,
          en: `failover: ${to} took over ${slots} slots from ${from} (epoch ${epoch})`,
        },
      }),
    ),
    ...value.moves
      .filter(({ isOneSided }) => isOneSided)
      .map(
        ({ slot, from, to }): Finding => ({
          key: `cluster.move.${slot}`,
          severity: 'warning',
          text: {
            ko: `슬롯 ${slot}의 이동(${from} → ${to})을 한쪽만 알고 있음: 중단된 리샤딩`,
            en: `only one side knows that slot ${slot} is moving from ${from} to ${to}: an interrupted resharding`,
          },
        }),
      ),
  ];
}

function stateFinding({ views }: ClusterFacts): readonly Finding[] {
  const failing = views.filter(({ view }) => view.known && view.value.state !== 'ok').map(({ address }) => address);
  if (failing.length === 0) return [];
  const names = failing.join(', ');
  return [
    {
      key: 'cluster.state',
      severity: 'critical',
      text: {
        ko: `cluster_state:fail (${names}): 이 노드들은 명령을 거부함`,
        en: `cluster_state:fail (${names}): these nodes refuse commands`,
      },
    },
  ];
}

function slotFindings({ slots }: ClusterFacts): readonly Finding[] {
  const findings: Finding[] = [];
  if (slots.uncovered > 0) {
    findings.push({
      key: 'cluster.uncovered',
      severity: 'critical',
      text: {
        ko: `어느 마스터도 맡지 않은 슬롯 ${slots.uncovered}개`,
        en: `${slots.uncovered} slots belong to no master`,
      },
    });
  }
  if (slots.fail > 0) {
    findings.push({
      key: 'cluster.fail-slots',
      severity: 'critical',
      text: {
        ko: `맡은 마스터가 죽은 슬롯 ${slots.fail}개`,
        en: `${slots.fail} slots belong to a master that has failed`,
      },
    });
  }
  return findings;
}

/** A suspicion of one node is for the others to confirm; until then it is only shown. */
function nodeFinding({ address, role, health, slots }: ClusterNode): readonly Finding[] {
  if (health !== 'failing') return [];
  return [
    {
      key: `cluster.node.${keyOf(address)}`,
      severity: slots > 0 ? 'critical' : 'warning',
      text: {
        ko: `${role === 'master' ? '마스터' : '복제본'} ${address}이(가) 죽은 것으로 판정됨 (fail), 슬롯 ${slots}개`,
        en: `${role} ${address} is marked as failed, with ${slots} slots`,
      },
    },
  ];
}

/** Where some masters have a replica, one without would take its slots along. */
function loneMasters({ nodes }: ClusterFacts): readonly Finding[] {
  const serving = nodes.filter(({ role, slots }) => role === 'master' && slots > 0);
  const replicas = nodes.filter(({ role, health }) => role === 'replica' && health !== 'failing');
  if (replicas.length === 0) return [];
  const lone = serving.filter(({ id }) => !replicas.some(({ masterId }) => masterId === id));
  return lone.map(({ address, slots }) => ({
    key: `cluster.lone.${keyOf(address)}`,
    severity: 'warning',
    text: {
      ko: `마스터 ${address}에 살아 있는 복제본이 없음: 죽으면 슬롯 ${slots}개가 멈춤`,
      en: `master ${address} has no replica that lives: its ${slots} slots would go down with it`,
    },
  }));
}
