import { type MysqlLoad, mysqlLoad } from '../probes/mysql/load.ts';
import { type MysqlWaits, mysqlWaits } from '../probes/mysql/waits.ts';
import { mysqlCommand } from '../probes/native-commands.ts';
import { type Part, partOf, UnknownValue } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';
import type { Answer, Diagnosis, DiagnosisFinding, NextStep } from './diagnosis.ts';
import { killSteps, waitCounts, waitFindings, waitsAbout } from './lock-findings.ts';
import { readValue } from './read-probe.ts';

/** Is the server itself in trouble: connections, load, sessions that hold others up, transactions that stay open. */
export const mysql: Diagnosis = {
  id: 'mysql',
  title: { ko: 'MySQL 서버', en: 'MySQL server' },
  question: {
    ko: '연결이 남아 있는가, 누가 락이나 트랜잭션을 오래 쥐고 있는가, 무엇이 밀리는가?',
    en: 'are there connections left, who holds locks or transactions for long, what piles up?',
  },
  probes: ['mysql.load', 'mysql.waits'],
  narrowsBy: [],
  timeoutMs: 20_000,
  async ask(target, context): Promise<Answer> {
    const [load, read] = await Promise.all([
      partOf(readValue(mysqlLoad, target, context)),
      partOf(readValue(mysqlWaits, target, context, { moving: false })),
    ]);
    if (!load.known && !read.known) throw new UnknownValue(load.reason);
    const waits = read.known ? { ...read, value: waitsAbout(target, read.value) } : read;
    const findings = [
      ...(load.known ? loadFindings(load.value) : []),
      ...(waits.known ? waitFindings(waits.value) : []),
    ].sort((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'));
    return {
      status: findings.length > 0 ? 'finding' : isWhole(load, waits) ? 'clean' : 'unknown',
      counts: countsOf(load, waits),
      findings,
      explanation: explanationOf(load, waits),
      next: [...(waits.known ? killSteps(target, waits.value) : []), ...nextSteps(target, findings)],
    };
  },
};

/** The history list needs a privilege that the rest does not: without it growth of old versions is not ruled out. */
function isWhole(load: Part<MysqlLoad>, waits: Part<MysqlWaits>): boolean {
  if (!load.known || !waits.known) return false;
  return load.value.historyLength.known && waits.value.waits.every(({ blockers }) => blockers.known);
}

function loadFindings(load: MysqlLoad): readonly DiagnosisFinding[] {
  const { connections, historyLength, server } = load;
  return mysqlLoad.judge(load).map(
    ({ key, severity, text }): DiagnosisFinding => ({
      key,
      kind: key.replace('load.', ''),
      severity,
      text,
      evidence: [
        {
          connections: connections.now,
          max_connections: connections.max,
          running: connections.running,
          refused: String(load.totals.refusedConnections),
          history_list_length: historyLength.known ? String(historyLength.value) : `? ${historyLength.reason}`,
          server: server.version,
          up_s: server.uptimeSeconds,
        },
      ],
    }),
  );
}

function countsOf(load: Part<MysqlLoad>, waits: Part<MysqlWaits>): Answer['counts'] {
  return {
    ...(load.known
      ? {
          connections: load.value.connections.now,
          maxConnections: load.value.connections.max,
          running: load.value.connections.running,
        }
      : {}),
    ...(load.known && load.value.historyLength.known ? { historyLength: Number(load.value.historyLength.value) } : {}),
    ...(waits.known ? waitCounts(waits.value) : {}),
  };
}

function explanationOf(load: Part<MysqlLoad>, waits: Part<MysqlWaits>): Text {
  const parts = [loadText(load), waitsText(waits)];
  return { ko: parts.map(({ ko }) => ko).join(' · '), en: parts.map(({ en }) => en).join(' · ') };
}

function loadText(load: Part<MysqlLoad>): Text {
  if (!load.known)
    return { ko: `부하를 읽을 수 없음(${load.reason})`, en: `the load is not readable (${load.reason})` };
  const { connections, rates, historyLength, server } = load.value;
  const queries = rates?.known ? rates.value.queriesPerSecond.toFixed(0) : '?';
  const history = historyLength.known ? String(historyLength.value) : `? ${historyLength.reason}`;
  return {
    ko: `${server.version}, 초당 쿼리 ${queries}, 연결 ${connections.now}/${connections.max}, 실행 중 ${connections.running}, 히스토리 리스트 ${history}`,
    en: `${server.version}: ${queries} queries/s, ${connections.now} of ${connections.max} connections, ${connections.running} running, history list ${history}`,
  };
}

function waitsText(waits: Part<MysqlWaits>): Text {
  if (!waits.known) {
    return {
      ko: `락 대기와 열린 트랜잭션을 읽을 수 없음(${waits.reason})`,
      en: `lock waits and open transactions are not readable (${waits.reason})`,
    };
  }
  const { waits: all, longTransactions } = waits.value;
  return {
    ko: `락 대기 ${all.length}, 15초 넘게 열린 트랜잭션 ${longTransactions.length}`,
    en: `${all.length} lock waits, ${longTransactions.length} transactions open for over 15 s`,
  };
}

function nextSteps(target: Target, findings: readonly DiagnosisFinding[]): readonly NextStep[] {
  const has = (kind: string): boolean => findings.some((finding) => finding.kind === kind);
  return [
    ...(has('connections')
      ? [
          {
            text: { ko: '누가 연결을 쓰고 있는지 보기', en: 'see who holds the connections' },
            command: mysqlCommand(
              target,
              'SELECT USER, COMMAND, COUNT(*) FROM information_schema.PROCESSLIST GROUP BY USER, COMMAND ORDER BY 3 DESC',
            ),
          },
        ]
      : []),
    ...(has('open-transaction') || has('lock-wait')
      ? [
          {
            text: { ko: '지켜보기', en: 'watch them' },
            command: 'labctl get mysql.waits -w',
          },
        ]
      : []),
  ];
}
