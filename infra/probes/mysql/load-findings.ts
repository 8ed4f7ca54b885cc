import type { Finding } from '../probe.ts';
import type { MysqlLoad } from './load.ts';

/** The last tenth is what an operator needs to get in, and what a deploy doubles for a moment. */
const connectionsWarning = 0.9;
const connectionsCritical = 0.98;
/** More statements at once than nearly any machine has cores; a burst of them passes within a second or two. */
export const runningHigh = 64;
const runningHighMs = 10_000;
/** A healthy purge keeps it in the thousands; hundreds of thousands slow every read of a row with old versions. */
const historyWarning = 500_000n;
/** It must have grown for so long: a large batch's is worked off again. */
const historyGrowsMs = 30_000;

export function judgeLoad(load: MysqlLoad): readonly Finding[] {
  return [...connectionFindings(load), ...runningFinding(load), ...historyFinding(load)];
}

function connectionFindings({ connections, rates }: MysqlLoad): readonly Finding[] {
  const { now, max } = connections;
  const refused = rates?.known === true ? rates.value.refusedConnections : 0;
  if (refused > 0) {
    return [
      {
        key: 'load.connections',
        severity: 'critical',
        text: {
          ko: `연결이 거절되고 있음: ${refused}건 더, 연결 ${now}/${max} (max_connections)`,
          en: `connections are refused: ${refused} more, ${now} of ${max} are open (max_connections)`,
        },
      },
    ];
  }
  const share = max > 0 ? now / max : 0;
  if (share < connectionsWarning) return [];
  return [
    {
      key: 'load.connections',
      severity: share >= connectionsCritical ? 'critical' : 'warning',
      text: {
        ko: `연결이 거의 찼음: ${now}/${max} (max_connections)`,
        en: `connections are nearly used up: ${now} of ${max} (max_connections)`,
      },
    },
  ];
}

function runningFinding({ connections, runningHighSinceMs, server }: MysqlLoad): readonly Finding[] {
  if (runningHighSinceMs === undefined) return [];
  const highMs = server.serverTimeMs - runningHighSinceMs;
  if (highMs < runningHighMs) return [];
  const seconds = Math.round(highMs / 1000);
  return [
    {
      key: 'load.running',
      severity: 'warning',
      text: {
        ko: `동시에 실행 중인 문장이 ${seconds}초째 ${runningHigh}개 이상 (지금 ${connections.running}개)`,
        en: `${runningHigh} statements or more have been running at once for ${seconds} s (${connections.running} now)`,
      },
    },
  ];
}

/** Longer in each reading than in the one before half a minute ago, and long. */
function historyFinding({ history }: MysqlLoad): readonly Finding[] {
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined || last.length < historyWarning) return [];
  if (last.atMs - first.atMs < historyGrowsMs || last.length <= first.length) return [];
  const seconds = Math.round((last.atMs - first.atMs) / 1000);
  return [
    {
      key: 'load.history',
      severity: 'warning',
      text: {
        ko: `히스토리 리스트가 ${last.length}까지 늘고 있음 (${seconds}초에 +${last.length - first.length}): 오래 열린 트랜잭션이 퍼지를 막고 있는지 확인`,
        en: `the history list has grown to ${last.length} (+${last.length - first.length} in ${seconds} s): look for a transaction that keeps purge from its work`,
      },
    },
  ];
}
