import { notMapped, UnknownValue } from '../probes/reading.ts';
import { type CheckResult, isViolated, resultText, runCheck } from '../probes/sql-checks.ts';
import type { Target } from '../target.ts';
import type { Answer, AskContext, Diagnosis, DiagnosisFinding, EvidenceRow } from './diagnosis.ts';

/** Every check of the operator, asked now: those on demand too. */
export const checks: Diagnosis = {
  id: 'checks',
  title: { ko: '내 SQL 점검', en: 'Own SQL checks' },
  question: {
    ko: 'labctl.yaml에 적어 둔 점검 가운데 어긋난 것은? 어느 행인가?',
    en: 'which of the checks in labctl.yaml fail, and on which rows?',
  },
  probes: ['checks.sql'],
  narrowsBy: [],
  timeoutMs: 10 * 60_000,
  async ask(target, context): Promise<Answer> {
    if (target.checks.length === 0) throw new UnknownValue(`${notMapped}: labctl.yaml has no checks for it`);
    const results = await asked(target, context);
    const violated = results.filter(isViolated);
    const unread = results.filter(({ outcome }) => outcome?.known !== true);
    return {
      status: violated.length > 0 ? 'finding' : unread.length > 0 ? 'unknown' : 'clean',
      counts: { checks: results.length, violated: violated.length, unknown: unread.length },
      findings: violated.map(findingOf).toSorted((left, right) => weight(right) - weight(left)),
      explanation: explanation(results, unread),
      next: violated.slice(0, 1).map(({ id }) => ({
        text: { ko: '행을 계속 보기', en: 'watch its rows' },
        command: `labctl get check.${id} -w`,
      })),
    };
  },
};

/** One after the other: a diagnosis must not be the load it looks for. */
async function asked(target: Target, { nowMs, onProgress, signal }: AskContext): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of target.checks) {
    signal.throwIfAborted();
    onProgress({ what: { ko: '점검', en: 'checks' }, done: results.length, of: target.checks.length });
    results.push(await runCheck(target, check, nowMs));
  }
  return results;
}

const weight = ({ severity }: DiagnosisFinding): number => (severity === 'critical' ? 1 : 0);

function findingOf(result: CheckResult): DiagnosisFinding {
  const { id, title, severity, outcome } = result;
  const { columns, rows } = outcome?.known ? outcome.value : { columns: [], rows: [] };
  const { ko, en } = resultText(result);
  const name = title === id ? id : `${id} · ${title}`; // one without a title goes by its id
  return {
    key: `check.${id}`,
    kind: 'violated',
    severity,
    text: { ko: `${name}: ${ko}`, en: `${name}: ${en}` },
    evidence: rows.map(
      (row): EvidenceRow => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])),
    ),
  };
}

function explanation(results: readonly CheckResult[], unread: readonly CheckResult[]): Answer['explanation'] {
  const reasons = unread.map((result) => `${result.id} (${resultText(result).en})`).join(', ');
  return {
    ko: `점검 ${results.length}개를 지금 실행했습니다${unread.length === 0 ? '' : `. 알 수 없음: ${reasons}`}`,
    en: `ran ${results.length} ${results.length === 1 ? 'check' : 'checks'} just now${unread.length === 0 ? '' : `; unknown: ${reasons}`}`,
  };
}
