import { command } from '../command.ts';
import { argument, flag, textOption } from '../fields.ts';
import { decideRows, parseReason, parseRowId } from '../outbox-decisions.ts';
import { confirm } from '../output/confirm.ts';

export const outboxSkip = command({
  path: ['outbox', 'skip'],
  summary: {
    ko: '키를 붙잡고 있는 행을 보내지 않기로 하고 이후 행을 풀어 줌',
    en: 'decide that a row which holds its key is never sent, and let its key flow',
  },
  impact: 'destructive',
  details: {
    ko: '그 이벤트는 프로젝션에 반영되지 않습니다. 원장에는 남아 있으므로 백필이 다시 채울 수 있습니다.\n누가 왜 결정했는지는 outbox_audit에 남습니다.\n종료 코드: 0 바꿈 · 3 그 행은 더는 붙잡고 있지 않음',
    en: 'Its event never reaches the projection. The ledger keeps it, so a backfill can fold it in.\nWho decided and why is kept in outbox_audit.\nExit code: 0 changed · 3 the row holds nothing any more',
  },
  fields: {
    id: argument('<id>', { ko: '행 번호 (labctl outbox list)', en: 'its id (labctl outbox list)' }),
    reason: textOption('--reason <why>', { ko: '왜 (꼭 필요)', en: 'why (needed)' }),
    yes: flag('-y, --yes', { ko: '묻지 않고 실행', en: 'do not ask' }),
  },
  async run({ id, reason, yes }, context) {
    const rowId = parseRowId(id);
    const given = parseReason(reason);
    const question = {
      ko: `${rowId}번 행은 다시는 전송되지 않습니다. 건너뛸까요?`,
      en: `Row ${rowId} will never be sent. Skip it?`,
    };
    await confirm(context, question, { yes, unattended: 'refused' });
    const { decided } = await decideRows(context, { action: 'skip', ids: [rowId], reason: given });
    return { schema: 'labctl.outbox.skip/1' as const, decided };
  },
  text({ decided }, { language }) {
    return decided
      .map(({ id, dedupKey }) =>
        language === 'ko'
          ? `${id}번 행(${dedupKey})을 건너뜁니다. 같은 키의 이후 행이 이어집니다`
          : `Row ${id} (${dedupKey}) is skipped; the later rows of its key go on`,
      )
      .join('\n');
  },
});
