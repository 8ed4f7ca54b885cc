import { EngineError } from '../../errors.ts';
import { firstLookRecords, type GroupLog, type GroupLogPosition, groupLogStart } from '../../kafka/read-group-log.ts';
import { type Rpcs, rpcText } from '../../kafka/rpc-counter.ts';
import type { GroupGeneration } from '../../kafka/wire/group-records.ts';
import type { Target } from '../../target.ts';
import { kafkaCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { known, type Part, UnknownValue, unknownPart } from '../reading.ts';
import { workersHealth } from '../stack/workers-health.ts';
import { type CommitPace, type Commits, commitsAfter, paceOf } from './commit-pace.ts';
import { judgeConsumerConfig } from './consumer-config-findings.ts';
import { watchedGroups } from './groups-watched.ts';

/** What consumers are set to, against how they are seen to work. */
export interface KafkaConsumerConfig {
  /** Our workers, which tell their handler times with their heartbeats. */
  readonly workers: Part<readonly WorkerHandling[]>;
  readonly groups: readonly GroupConfig[];
  readonly rpcs: Rpcs;
  readonly missing: readonly { readonly broker: string; readonly reason: string }[];
  readonly round: number;
  readonly logNext: GroupLogPosition;
}

/** What a heartbeat tells of handler times reaches back so far. */
const measuredOverMs = 60_000;

/** Over the last minute; a handler's time is that of one chunk, in which no heartbeat goes out. */
export interface WorkerHandling {
  readonly worker: string;
  readonly pid: number;
  readonly handlerMsP50: number;
  readonly handlerMsP99: number;
  readonly handlerMsMax: number;
  readonly batchRecordsP50: number;
  readonly batchRecordsMax: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
}

export interface GroupConfig {
  readonly groupId: string;
  /** The shortest of its members. */
  readonly sessionTimeoutMs: Part<number>;
  /** Java clients send their max.poll.interval.ms as this. */
  readonly rebalanceTimeoutMs: Part<number>;
  /** How often it commits and how much at once: how fast it handles can only be guessed from that. */
  readonly pace: CommitPace | undefined;
  readonly latest: GroupGeneration | undefined;
  readonly commits: Commits;
}

export const kafkaConsumerConfig: Probe<KafkaConsumerConfig> = {
  id: 'kafka.consumer-config',
  title: { ko: '컨슈머 설정', en: 'Consumer configuration' },
  cost: 'slow',
  timeoutMs: 10_000,
  async read(target, { previous }) {
    const { kafka, roles } = target;
    const before = previous?.value;
    const { value, rpcs } = await kafka.counted(async () => {
      const { groupIds, missing, round } = await watchedGroups(kafka, roles.groups, before);
      const log = await kafka.groupLog(groupIds, before?.logNext ?? groupLogStart);
      const groups = groupIds.map((groupId) =>
        groupConfig(
          groupId,
          log,
          before?.groups.find((group) => group.groupId === groupId),
        ),
      );
      return { groups, missing, round, logNext: log.next };
    });
    return { ...value, rpcs, workers: await workersOf(target) };
  },
  judge: judgeConsumerConfig,
  rows({ workers, groups, rpcs }) {
    const shown = workers.known ? workers.value : [];
    return [
      [
        'CONSUMER',
        'HANDLER MS P50',
        'P99',
        'MAX',
        'RECORDS MAX',
        'SESSION MS',
        'REBALANCE MS',
        'HEARTBEAT MS',
        'COMMIT EVERY MS',
        'RECORDS A COMMIT',
      ],
      ...shown.map((one) => [
        `${one.worker} ${one.pid}`,
        ...[one.handlerMsP50, one.handlerMsP99, one.handlerMsMax, one.batchRecordsMax].map(String),
        ...[one.sessionTimeoutMs, one.rebalanceTimeoutMs, one.heartbeatIntervalMs].map(String),
        '',
        '',
      ]),
      ...(workers.known ? [] : [[`? workers: ${workers.reason}`, ...Array(9).fill('')]]),
      ...groups.map(({ groupId, sessionTimeoutMs, rebalanceTimeoutMs, pace }) => [
        `group ${groupId}`,
        ...Array(4).fill(''),
        cell(sessionTimeoutMs),
        cell(rebalanceTimeoutMs),
        '',
        pace === undefined ? '-' : String(pace.everyMsP50),
        pace === undefined ? '-' : String(pace.recordsP50),
      ]),
      [rpcText(rpcs), ...Array(9).fill('')],
    ];
  },
  verifyWith(target: Target) {
    const workers = workersHealth.verifyWith(target);
    const formatter = "--formatter 'org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter'";
    return [
      ...workers,
      {
        command: kafkaCommand(
          target,
          'kafka-console-consumer',
          `--topic __consumer_offsets --from-beginning --timeout-ms 5000 ${formatter}`,
        ),
        shows: {
          ko: '그룹마다 마지막 레코드의 sessionTimeout과 rebalanceTimeout',
          en: 'sessionTimeout and rebalanceTimeout of the members in the last record of each group',
        },
      },
    ];
  },
};

const cell = (part: Part<number>): string => (part.known ? String(part.value) : `? ${part.reason}`);

async function workersOf(target: Target): Promise<KafkaConsumerConfig['workers']> {
  try {
    const context = { signal: new AbortController().signal, previous: undefined, nowMs: 0 };
    const { workers } = await workersHealth.read(target, context);
    return known(
      workers.flatMap(({ worker, pid, counters, beatAgeMs }) => {
        // Whoever beats no more handles nothing now.
        if (beatAgeMs.known && beatAgeMs.value > measuredOverMs) return [];
        const of = (name: string): number => counters[name] ?? 0;
        // Whoever consumes nothing, or has handled nothing yet, has no such times.
        if (counters.handlerMsMax === undefined || counters.sessionTimeoutMs === undefined) return [];
        return [
          {
            worker,
            pid,
            handlerMsP50: of('handlerMsP50'),
            handlerMsP99: of('handlerMsP99'),
            handlerMsMax: of('handlerMsMax'),
            batchRecordsP50: of('batchRecordsP50'),
            batchRecordsMax: of('batchRecordsMax'),
            sessionTimeoutMs: of('sessionTimeoutMs'),
            rebalanceTimeoutMs: of('rebalanceTimeoutMs'),
            heartbeatIntervalMs: of('heartbeatIntervalMs'),
          },
        ];
      }),
    );
  } catch (error) {
    if (error instanceof UnknownValue || error instanceof EngineError) return unknownPart(error.message);
    throw error;
  }
}

function groupConfig(groupId: string, log: GroupLog, before: GroupConfig | undefined): GroupConfig {
  const records = log.records.filter((record) => record.groupId === groupId);
  const generations = records.filter((record) => record.kind === 'generation');
  const latest = generations.at(-1) ?? before?.latest;
  const commits = commitsAfter(
    before?.commits,
    records.filter((record) => record.kind === 'commit'),
  );
  const whyNot = log.unread.get(groupId) ?? `not among the latest ${firstLookRecords} records`;
  const shortest = (read: (member: GroupGeneration['members'][number]) => number): Part<number> => {
    const all = latest?.members.map(read).filter((ms) => ms > 0) ?? [];
    return all.length === 0 ? unknownPart(latest === undefined ? whyNot : 'no members') : known(Math.min(...all));
  };
  return {
    groupId,
    sessionTimeoutMs: shortest(({ sessionTimeoutMs }) => sessionTimeoutMs),
    rebalanceTimeoutMs: shortest(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs),
    pace: paceOf(commits),
    latest,
    commits,
  };
}
