import { EngineError } from '../../errors.ts';
import type { Quorum, QuorumReplica } from '../../kafka/wire/describe-quorum.ts';
import { unknownFor } from '../../kafka/wire/request.ts';
import type { Target } from '../../target.ts';
import { kafkaCommand } from '../native-commands.ts';
import type { Finding, Probe } from '../probe.ts';
import { known, type Part, unknownPart } from '../reading.ts';

export interface KafkaCluster {
  readonly clusterId: string | null;
  /** By node id. */
  readonly brokers: readonly ClusterBroker[];
  readonly quorum: Part<ClusterQuorum>;
}

export interface ClusterBroker {
  readonly nodeId: number;
  /** `host:port`; undefined while it is gone. */
  readonly address: string | undefined;
  /** In the cluster's own list of brokers that live. */
  readonly alive: boolean;
  /** Partitions that count on it. */
  readonly replicas: number;
  readonly leads: number;
  /** Of the engine, where labctl runs it itself. */
  readonly version: string | undefined;
}

export interface ClusterQuorum {
  /** Node id of the active controller; undefined: none. */
  readonly leaderId: number | undefined;
  readonly epoch: number;
  readonly highWatermark: bigint;
  readonly replicas: readonly QuorumMember[];
}

export interface QuorumMember {
  readonly nodeId: number;
  readonly role: 'leader' | 'voter' | 'observer';
  readonly logEnd: bigint;
  /** Records of the metadata log that it has yet to fetch. */
  readonly lag: bigint;
  /** Since it was last caught up, by the active controller's clock; unknown: never since that one leads. */
  readonly behindMs: Part<number>;
}

/** A member fetches several times a second; so long behind it is dead, cut off or overwhelmed. */
const behindWarningMs = 10_000;

export const kafkaCluster: Probe<KafkaCluster> = {
  id: 'kafka.cluster',
  title: { ko: 'Kafka 클러스터와 쿼럼', en: 'Kafka cluster and quorum' },
  cost: 'slow',
  timeoutMs: 8_000,
  async read(target, { previous }) {
    const [metadata, quorum] = await Promise.all([target.kafka.metadata(null), quorumOf(target)]);
    const partitions = metadata.topics.flatMap(({ partitions }) => partitions);
    const alive = new Map(metadata.brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`]));
    const versions = await versionsOf(target);
    // Who is expected: what partitions count on, and whoever was there before.
    const nodeIds = new Set([
      ...alive.keys(),
      ...partitions.flatMap(({ replicas }) => replicas),
      ...(previous?.value.brokers.map(({ nodeId }) => nodeId) ?? []),
    ]);
    const brokers = [...nodeIds]
      .sort((left, right) => left - right)
      .map((nodeId): ClusterBroker => {
        const address = alive.get(nodeId);
        return {
          nodeId,
          address,
          alive: address !== undefined,
          replicas: partitions.filter(({ replicas }) => replicas.includes(nodeId)).length,
          leads: partitions.filter(({ leader }) => leader === nodeId).length,
          version: address === undefined ? undefined : versions.get(portOf(address)),
        };
      });
    return { clusterId: metadata.clusterId, brokers, quorum };
  },
  judge({ brokers, quorum }) {
    return [...brokers.flatMap(goneFinding), ...(quorum.known ? quorumFindings(quorum.value) : [])];
  },
  numbers({ brokers, quorum }) {
    return {
      alive: brokers.filter(({ alive }) => alive).length,
      ...(quorum.known ? { epoch: quorum.value.epoch, quorumLag: Number(maxLag(quorum.value)) } : {}),
    };
  },
  rows({ brokers, quorum }) {
    return [
      ['NODE', 'ROLE', 'STATE', 'ADDRESS', 'REPLICAS', 'LEADS', 'METADATA LOG END', 'LAG', 'VERSION'],
      ...brokers.map((one) => {
        const member = quorum.known
          ? quorum.value.replicas.find(({ nodeId, role }) => nodeId === one.nodeId && role === 'observer')
          : undefined;
        return [
          String(one.nodeId),
          'broker',
          one.alive ? 'alive' : 'gone',
          one.address ?? '-',
          String(one.replicas),
          String(one.leads),
          member === undefined ? '-' : String(member.logEnd),
          member === undefined ? '-' : String(member.lag),
          one.version ?? '-',
        ];
      }),
      ...(quorum.known
        ? quorum.value.replicas
            .filter(({ role }) => role !== 'observer')
            .map(({ nodeId, role, logEnd, lag }) => [
              String(nodeId),
              role === 'leader' ? 'controller (active)' : 'controller',
              `epoch ${quorum.value.epoch}`,
              '-',
              '-',
              '-',
              String(logEnd),
              String(lag),
              '-',
            ])
        : [['?', 'quorum', `? ${quorum.reason}`, '-', '-', '-', '-', '-', '-']]),
    ];
  },
  verifyWith(target) {
    if (target.endpoints.kafka === undefined) return [];
    return [
      {
        command: kafkaCommand(target, 'kafka-metadata-quorum', 'describe --status'),
        shows: {
          ko: 'LeaderId, LeaderEpoch, CurrentVoters, CurrentObservers',
          en: 'LeaderId, LeaderEpoch, CurrentVoters, CurrentObservers',
        },
      },
      {
        command: kafkaCommand(target, 'kafka-metadata-quorum', 'describe --replication'),
        shows: { ko: '노드마다 LogEndOffset과 Lag', en: 'LogEndOffset and Lag of each node' },
      },
    ];
  },
};

async function quorumOf({ kafka }: Target): Promise<Part<ClusterQuorum>> {
  try {
    const quorum = await kafka.quorum();
    return quorum.errorCode === 0 ? known(membersOf(quorum)) : unknownFor(quorum.errorCode);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return unknownPart(error.message);
  }
}

function membersOf({ leaderId, leaderEpoch, highWatermark, voters, observers }: Quorum): ClusterQuorum {
  const leader = voters.find(({ nodeId }) => nodeId === leaderId);
  const member = (replica: QuorumReplica, role: QuorumMember['role']): QuorumMember => {
    const behindBy = (leader?.logEnd ?? highWatermark) - replica.logEnd;
    return {
      nodeId: replica.nodeId,
      role,
      logEnd: replica.logEnd,
      lag: behindBy > 0n ? behindBy : 0n,
      behindMs: behindOf(replica, leader),
    };
  };
  return {
    leaderId: leaderId < 0 ? undefined : leaderId,
    epoch: leaderEpoch,
    highWatermark,
    replicas: [
      ...voters.map((voter) => member(voter, voter.nodeId === leaderId ? 'leader' : 'voter')),
      ...observers.map((observer) => member(observer, 'observer')),
    ],
  };
}

/** The active controller reports its own clock as the moment when it was last caught up itself. */
function behindOf(replica: QuorumReplica, leader: QuorumReplica | undefined): Part<number> {
  if (leader === undefined || leader.lastCaughtUpMs < 0) return unknownPart('the controller does not tell its clock');
  if (replica.lastCaughtUpMs < 0) return unknownPart('not caught up since this controller leads');
  return known(Math.max(0, leader.lastCaughtUpMs - replica.lastCaughtUpMs));
}

const maxLag = ({ replicas }: ClusterQuorum): bigint =>
  replicas.reduce((most, { lag }) => (lag > most ? lag : most), 0n);

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

async function versionsOf({ stack }: Target): Promise<ReadonlyMap<number, string>> {
  if (stack === undefined) return new Map();
  try {
    const nodes = await stack.status();
    return new Map(nodes.flatMap(({ port, version }) => (version === undefined ? [] : [[port, version] as const])));
  } catch {
    return new Map(); // the cluster itself was read
  }
}

function goneFinding({ nodeId, alive, replicas }: ClusterBroker): readonly Finding[] {
  if (alive) return [];
  return [
    {
      key: `cluster.broker.${nodeId}`,
      severity: 'critical',
      text: {
        ko: `브로커 ${nodeId}이(가) 클러스터에 없음: 복제본 ${replicas}개가 그 브로커에 있음`,
        en: `broker ${nodeId} is not in the cluster; ${replicas} replicas are placed on it`,
      },
    },
  ];
}

function quorumFindings({ leaderId, replicas }: ClusterQuorum): readonly Finding[] {
  const findings: Finding[] = [];
  if (leaderId === undefined) {
    findings.push({
      key: 'cluster.controller',
      severity: 'critical',
      text: {
        ko: '활성 컨트롤러가 없음: 리더 선출도 토픽 변경도 안 됨',
        en: 'there is no active controller: no leader is elected and no topic changed',
      },
    });
  }
  for (const { nodeId, role, lag, behindMs } of replicas) {
    if (role !== 'voter' || lag === 0n || !behindMs.known || behindMs.value < behindWarningMs) continue;
    const seconds = Math.round(behindMs.value / 1000);
    findings.push({
      key: `cluster.voter.${nodeId}`,
      severity: 'warning',
      text: {
        ko: `컨트롤러 ${nodeId}이(가) ${seconds}초째 메타데이터 로그에 뒤처짐 (${lag}건): 과반이 위태로움`,
        en: `controller ${nodeId} has been behind the metadata log for ${seconds} s (${lag} records): the majority is thinner`,
      },
    });
  }
  return findings;
}
