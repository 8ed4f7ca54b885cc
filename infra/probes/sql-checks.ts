import { EngineError, RefusedError } from '../errors.ts';
import { checkRows } from '../mysql/check-rows.ts';
import type { SqlCheck } from '../sql-check.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';
import { mysqlCommand } from './native-commands.ts';
import type { Finding, NativeCommand, Probe } from './probe.ts';
import { known, notMapped, type Part, UnknownValue, unknownPart } from './reading.ts';

export interface SqlChecks {
  readonly checks: readonly CheckResult[];
}

export interface CheckResult extends Pick<SqlCheck, 'id' | 'title' | 'severity' | 'cost' | 'threshold'> {
  /** Undefined: it has not run; it is run on demand only. */
  readonly outcome: Part<CheckOutcome> | undefined;
  readonly takenAtMs: number | undefined;
}

export interface CheckOutcome {
  readonly violated: boolean;
  /** With a threshold: the number that was returned, as the server wrote it. */
  readonly number: string | undefined;
  readonly columns: readonly string[];
  /** The first of them: without a threshold each is a violation. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Only the first rows are fetched: then there are at least so many. */
  readonly more: boolean;
}

/** Rows are evidence to start from, not an export. */
export const checkRowsMax = 50;

/** All checks of the operator, each as often as it is due; those on demand wait to be asked. */
export const sqlChecks: Probe<SqlChecks> = {
  id: 'checks.sql',
  title: { ko: '내 SQL 점검', en: 'Own SQL checks' },
  cost: 'tick',
  // The slowest check may take a minute; the others of the same tick wait for it, and nothing else does.
  timeoutMs: 62_000,
  async read(target, { previous, nowMs }) {
    if (target.checks.length === 0) throw new UnknownValue(`${notMapped}: labctl.yaml has no checks for it`);
    const checks = await Promise.all(
      target.checks.map((check) => {
        const before = previous?.value.checks.find(({ id }) => id === check.id);
        const isDue = before?.takenAtMs === undefined || nowMs - before.takenAtMs >= check.everyMs;
        if (check.cost === 'onDemand') return notRun(check);
        return isDue ? runCheck(target, check, nowMs) : before;
      }),
    );
    return { checks };
  },
  judge: ({ checks }) => checks.flatMap(violation),
  numbers: ({ checks }) => ({ violated: checks.filter(isViolated).length }),
  rows({ checks }) {
    return [
      ['CHECK', 'SEVERITY', 'RESULT', 'TITLE'],
      ...checks.map((check) => [check.id, check.severity, resultText(check).en, check.title]),
    ];
  },
  verifyWith: (target) => target.checks.map((check) => nativeCheck(target, check)),
};

/** One check as a probe of its own, by the name `check.<id>`. */
export function checkProbe(check: SqlCheck): Probe<CheckResult> {
  return {
    id: `check.${check.id}`,
    title: { ko: check.title, en: check.title },
    cost: check.cost,
    timeoutMs: check.timeoutMs + 4_000,
    async read(target, { nowMs }) {
      const result = await runCheck(target, check, nowMs);
      if (result.outcome?.known === false) throw new UnknownValue(result.outcome.reason);
      return result;
    },
    judge: violation,
    numbers: ({ outcome }) => (outcome?.known ? { rows: outcome.value.rows.length } : {}),
    rows({ outcome }) {
      if (!outcome?.known) return [];
      return [outcome.value.columns, ...outcome.value.rows.map((row) => row.map((value) => value ?? 'NULL'))];
    },
    verifyWith: (target) => [nativeCheck(target, check)],
  };
}

const nativeCheck = (target: Target, { sql, threshold, title }: SqlCheck): NativeCommand => ({
  command: mysqlCommand(target, sql.trim().replaceAll(/\s+/g, ' ')),
  shows:
    threshold === undefined
      ? { ko: `${title}: 나오는 행이 모두 위반`, en: `${title}: every row is a violation` }
      : { ko: `${title}: 수 하나`, en: `${title}: the number` },
});

const notRun = ({ id, title, severity, cost, threshold }: SqlCheck): CheckResult => ({
  ...{ id, title, severity, cost },
  ...(threshold === undefined ? {} : { threshold }),
  outcome: undefined,
  takenAtMs: undefined,
});

/** Whatever keeps a check from its answer makes that check unknown, and no other. */
export async function runCheck(target: Target, check: SqlCheck, nowMs: number): Promise<CheckResult> {
  return { ...notRun(check), outcome: await outcomeOf(target, check), takenAtMs: nowMs };
}

async function outcomeOf(
  { endpoints, roles }: Target,
  { sql, threshold, timeoutMs }: SqlCheck,
): Promise<Part<CheckOutcome>> {
  if (endpoints.mysql === undefined) return unknownPart(`${notMapped}: no MySQL is named`);
  try {
    const where = { endpoint: endpoints.mysql, database: roles.database };
    const found = await checkRows(where, sql, { timeoutMs, rowsMax: checkRowsMax });
    if (threshold === undefined) return known({ ...found, violated: found.rows.length > 0, number: undefined });
    const number = found.rows[0]?.[0];
    if (found.rows.length !== 1 || number === undefined || number === null || !isNumber(number)) {
      return unknownPart('it has a threshold and did not return one number');
    }
    return known({ ...found, violated: isOutside(Number(number), threshold), number });
  } catch (error) {
    if (error instanceof UnknownValue || error instanceof RefusedError || error instanceof EngineError) {
      return unknownPart(error.message);
    }
    throw error;
  }
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

function isOutside(value: number, { min, max }: NonNullable<SqlCheck['threshold']>): boolean {
  return (min !== undefined && value < min) || (max !== undefined && value > max);
}

export const isViolated = ({ outcome }: CheckResult): boolean => outcome?.known === true && outcome.value.violated;

function violation(check: CheckResult): readonly Finding[] {
  if (!isViolated(check)) return [];
  const { ko, en } = resultText(check);
  return [
    {
      key: `check.${check.id}`,
      severity: check.severity,
      text: { ko: `${check.title}: ${ko}`, en: `${check.title}: ${en}` },
    },
  ];
}

/** What came out, in a few words. */
export function resultText({ outcome, threshold }: CheckResult): Text {
  if (outcome === undefined) return { ko: '요청할 때만 실행', en: 'runs on demand' };
  if (!outcome.known) return { ko: `? ${outcome.reason}`, en: `? ${outcome.reason}` };
  const { number, rows, more } = outcome.value;
  if (number !== undefined) {
    const { min, max } = threshold ?? {};
    const limits = [...(min === undefined ? [] : [`≥ ${min}`]), ...(max === undefined ? [] : [`≤ ${max}`])].join(', ');
    return { ko: `${number} (${limits})`, en: `${number} (${limits})` };
  }
  return {
    ko: more ? `${rows.length}행 이상` : `${rows.length}행`,
    en: `${more ? 'at least ' : ''}${rows.length} row${rows.length === 1 ? '' : 's'}`,
  };
}
