import type { Finding } from '../probe.ts';
import type { KafkaConsumerConfig, WorkerHandling } from './consumer-config.ts';

/** A handler that takes more than this share of the session timeout has no room for a bad day. */
const nearShare = 0.5;
/** Kafka's own advice: a session should survive two heartbeats that get lost. */
const heartbeatsASession = 3;

/** One finding a worker and cause: kafkajs sends no heartbeat while a handler runs, so the session is its max.poll.interval. */
export function judgeConsumerConfig({ workers }: KafkaConsumerConfig): readonly Finding[] {
  if (!workers.known) return [];
  return workers.value.flatMap((worker) =>
    [sessionFinding(worker), heartbeatFinding(worker), rebalanceFinding(worker)].filter((one) => one !== undefined),
  );
}

const keyOf = ({ worker }: WorkerHandling): string => `consumer.${worker.replaceAll('.', '_')}`;

function sessionFinding(one: WorkerHandling): Finding | undefined {
  const { worker, handlerMsP99, handlerMsMax, sessionTimeoutMs, batchRecordsMax } = one;
  const over = handlerMsMax >= sessionTimeoutMs;
  if (!over && handlerMsP99 < sessionTimeoutMs * nearShare) return undefined;
  const ms = over ? handlerMsMax : handlerMsP99;
  const fitting = Math.max(1, Math.floor((batchRecordsMax * sessionTimeoutMs * nearShare) / ms));
  return {
    key: `${keyOf(one)}.session`,
    severity: over ? 'critical' : 'warning',
    text: {
      ko: `${worker}: 한 배치 처리에 ${ms}ms, 세션 타임아웃은 ${sessionTimeoutMs}ms (max.poll.interval 위반${over ? '' : ' 임박'}). 배치 ${batchRecordsMax}건을 ${fitting}건 이하로 줄일 것`,
      en: `${worker}: a batch takes ${ms} ms, the session times out after ${sessionTimeoutMs} ms${over ? ': it is thrown out of its group' : ''}; ${fitting} records at once would fit, it takes up to ${batchRecordsMax}`,
    },
  };
}

function heartbeatFinding(one: WorkerHandling): Finding | undefined {
  const { worker, sessionTimeoutMs, heartbeatIntervalMs } = one;
  if (heartbeatIntervalMs === 0 || sessionTimeoutMs >= heartbeatsASession * heartbeatIntervalMs) return undefined;
  return {
    key: `${keyOf(one)}.heartbeat`,
    severity: 'warning',
    text: {
      ko: `${worker}: 세션 타임아웃 ${sessionTimeoutMs}ms가 하트비트 간격 ${heartbeatIntervalMs}ms의 3배보다 짧음`,
      en: `${worker}: its session timeout of ${sessionTimeoutMs} ms is less than three heartbeats of ${heartbeatIntervalMs} ms`,
    },
  };
}

/** A rebalance is noticed at the next heartbeat, which comes after the batch. */
function rebalanceFinding(one: WorkerHandling): Finding | undefined {
  const { worker, handlerMsMax, heartbeatIntervalMs, rebalanceTimeoutMs } = one;
  const noticedMs = handlerMsMax + heartbeatIntervalMs;
  if (rebalanceTimeoutMs === 0 || noticedMs <= rebalanceTimeoutMs) return undefined;
  return {
    key: `${keyOf(one)}.rejoin`,
    severity: 'warning',
    text: {
      ko: `${worker}: 리밸런스를 알아차리는 데 ${noticedMs}ms까지 걸리는데 리밸런스 타임아웃은 ${rebalanceTimeoutMs}ms`,
      en: `${worker} may notice a rebalance only after ${noticedMs} ms, and has ${rebalanceTimeoutMs} ms to rejoin`,
    },
  };
}
