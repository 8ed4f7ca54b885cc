import type { Severity } from './probes/probe.ts';

/** A question in SQL that an operator has written down: it must return no rows, or one number within its limits. */
export interface SqlCheck {
  /** Of the probe `check.<id>`. */
  readonly id: string;
  readonly title: string;
  readonly sql: string;
  /** Absent: every row it returns is a violation. */
  readonly threshold?: { readonly min?: number; readonly max?: number };
  readonly severity: Exclude<Severity, 'ok'>;
  /** onDemand: only when it is asked for by name, or by a diagnosis. */
  readonly cost: 'tick' | 'slow' | 'onDemand';
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** What would lock, write a file, or take a lock although it begins with SELECT. Functions that wait are bounded in time. */
const forbidden: readonly (readonly [RegExp, string])[] = [
  [/\binto\b/i, 'INTO'],
  [/\bfor\s+(?:update|share)\b/i, 'FOR UPDATE | SHARE'],
  [/\block\s+in\s+share\s+mode\b/i, 'LOCK IN SHARE MODE'],
  [/\b(?:get_lock|release_lock|release_all_locks)\s*\(/i, 'GET_LOCK'],
  [/\b(?:delete\s+from|update\b[\s\S]*\bset\b|call\s+\w)/i, 'a statement that writes'],
];

/**
 * Why a text is not one reading statement; undefined where it is one. The session is READ ONLY besides, and the driver
 * sends one statement at a time: this says so before anything is sent, and catches what READ ONLY lets through.
 */
export function refusedSql(sql: string): string | undefined {
  if (/\/\*!/.test(sql)) return 'it has an executable comment (/*! … */)';
  const code = withoutTexts(sql).trim().replace(/;$/, '');
  if (!/^\(?\s*(?:select|with)\b/i.test(code)) return 'it must begin with SELECT or WITH';
  if (code.includes(';')) return 'it must be one statement';
  const found = forbidden.find(([pattern]) => pattern.test(code));
  return found === undefined ? undefined : `it must only read: ${found[1]}`;
}

/** Without comments, strings and quoted names, in which any word may stand. */
function withoutTexts(sql: string): string {
  return sql.replaceAll(
    /(\/\*[\s\S]*?\*\/|--[ \t\n].*|#.*)|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`]|``)*`/g,
    (_, comment?: string) => (comment === undefined ? ' x ' : ' '),
  );
}
