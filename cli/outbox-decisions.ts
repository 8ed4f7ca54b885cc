import { RefusedError, UserError } from '../infra/errors.ts';
import type { Decided } from '../workers/outbox-relay/decide.ts';
import type { Context } from './context.ts';
import { onLab, operator, withLabConnection } from './lab-tables.ts';

export interface Asked {
  readonly action: Decided['action'];
  readonly ids: readonly string[];
  readonly reason: string;
}

export interface Outcome {
  readonly decided: readonly Decided[];
  /** Rows that held nothing any more when their turn came, each with why. */
  readonly refused: readonly { readonly id: string; readonly why: string }[];
}

const reasonMax = 500;

/** @throws UserError for what is no id of a row. */
export function parseRowId(text: string): string {
  if (/^\d{1,18}$/.test(text)) return text;
  throw new UserError(
    { ko: `"${text}"은(는) 아웃박스 행 번호가 아닙니다`, en: `"${text}" is no id of an outbox row` },
    { tryThis: ['labctl outbox list'] },
  );
}

/** @throws UserError when it is missing or longer than what is kept of it. */
export function parseReason(reason: string | undefined): string {
  const given = reason?.trim() ?? '';
  if (given === '') {
    throw new UserError(
      { ko: '이유가 필요합니다', en: 'a reason is needed' },
      {
        why: { ko: '결정은 이유와 함께 outbox_audit에 남습니다', en: 'the decision is kept in outbox_audit, with why' },
        tryThis: ['--reason "…"'],
      },
    );
  }
  if (given.length <= reasonMax) return given;
  throw new UserError({ ko: `이유는 ${reasonMax}자까지입니다`, en: `a reason has at most ${reasonMax} characters` });
}

const pageRows = 500;

/** Ids of all rows that hold their key now, page by page. */
export async function allHeldIds(context: Context): Promise<readonly string[]> {
  const { heldIds } = await import('../workers/outbox-relay/held.ts');
  return onLab(context, async ({ mysql }) => {
    const all: string[] = [];
    for (let full = true; full && !context.signal.aborted; ) {
      const page = await heldIds(mysql, all.at(-1) ?? '0', pageRows);
      all.push(...page);
      full = page.length === pageRows;
    }
    return all;
  });
}

/**
 * Decides row by row, each in a transaction of its own: what was decided before an interruption stays decided.
 * @throws RefusedError or UserError of a single row that was asked for; EngineError when MySQL fails.
 */
export async function decideRows(context: Context, { action, ids, reason }: Asked): Promise<Outcome> {
  const { decide } = await import('../workers/outbox-relay/decide.ts');
  const actor = operator();
  const decided: Decided[] = [];
  const refused: { id: string; why: string }[] = [];
  await withLabConnection(context, async (connection) => {
    for (const outboxId of ids) {
      if (context.signal.aborted) break;
      try {
        decided.push(await decide(connection, { action, outboxId, actor, reason }));
      } catch (error) {
        if (!(error instanceof RefusedError) || ids.length === 1) throw error;
        refused.push({ id: outboxId, why: error.message });
      }
    }
  });
  return { decided, refused };
}
