import { UserError } from '../../infra/errors.ts';
import { command } from '../command.ts';
import { flag, optionalArgument, textOption } from '../fields.ts';
import { allHeldIds, decideRows, type Outcome, parseReason, parseRowId } from '../outbox-decisions.ts';
import { confirm } from '../output/confirm.ts';
import { exitCodes } from '../output/exit-codes.ts';

interface OutboxRetry extends Outcome {
  readonly schema: 'labctl.outbox.retry/1';
}

export const outboxRetry = command({
  path: ['outbox', 'retry'],
  summary: {
    ko: '키를 붙잡고 있는 행을 처음부터 다시 보내게 함',
    en: 'have a row that holds its key sent again, from its first attempt',
  },
  impact: 'write',
  details: {
    ko: '원인을 고친 다음에 씁니다. 누가 왜 결정했는지는 outbox_audit에 남습니다.\n종료 코드: 0 바꿈 · 3 그 행은 더는 붙잡고 있지 않음',
    en: 'For when its cause is mended. Who decided and why is kept in outbox_audit.\nExit code: 0 changed · 3 the row holds nothing any more',
  },
  fields: {
    id: optionalArgument('[id]', { ko: '행 번호 (labctl outbox list)', en: 'its id (labctl outbox list)' }),
    all: flag('--all', { ko: '붙잡고 있는 모든 행', en: 'every row that holds its key' }),
    reason: textOption('--reason <why>', { ko: '왜', en: 'why' }),
    yes: flag('-y, --yes', { ko: '묻지 않고 실행', en: 'do not ask' }),
  },
  async run({ id, all, reason, yes }, context): Promise<OutboxRetry> {
    if ((id === undefined) === !all) throw oneOrAll();
    const ids = id === undefined ? await allHeldIds(context) : [parseRowId(id)];
    if (ids.length === 0) return { schema: 'labctl.outbox.retry/1', decided: [], refused: [] };
    const question =
      id === undefined
        ? { ko: `${ids.length}행을 다시 보낼까요?`, en: `Have ${ids.length} rows sent again?` }
        : { ko: `${id}번 행을 다시 보낼까요?`, en: `Have row ${id} sent again?` };
    const given = reason === undefined ? unsaid : parseReason(reason);
    await confirm(context, question, { yes, unattended: 'refused' });
    const outcome = await decideRows(context, { action: 'retry', ids, reason: given });
    return { schema: 'labctl.outbox.retry/1', ...outcome };
  },
  exitCode: ({ decided, refused }) => (decided.length === 0 && refused.length > 0 ? exitCodes.refused : exitCodes.ok),
  text({ decided, refused }, { language }) {
    if (decided.length + refused.length === 0) {
      return { ko: '키를 붙잡고 있는 행이 없습니다', en: 'No row holds its key' }[language];
    }
    const done = {
      ko: `${decided.length}행을 다시 보냅니다. 같은 키의 이후 행도 순서대로 이어집니다`,
      en: `${decided.length === 1 ? '1 row is' : `${decided.length} rows are`} sent again, and what waited behind in its order`,
    }[language];
    return [done, ...refused.map((row) => `${row.id}: ${row.why}`)].join('\n');
  },
});

/** An audit row has a reason, even where nobody gave one. */
const unsaid = 'retry';

function oneOrAll(): UserError {
  return new UserError(
    { ko: '행 번호 하나 또는 --all이 필요합니다', en: 'it takes the id of one row, or --all' },
    { tryThis: ['labctl outbox list', 'labctl outbox retry --all'] },
  );
}
