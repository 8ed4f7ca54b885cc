import type { HeldRow } from '../../workers/outbox-relay/held.ts';
import { command } from '../command.ts';
import { numberOption } from '../fields.ts';
import { onLab } from '../lab-tables.ts';
import { plainTable } from '../output/table.ts';
import { durationText } from '../output/units.ts';

const limitUsual = 50;

interface OutboxList {
  readonly schema: 'labctl.outbox.list/1';
  readonly rows: readonly HeldRow[];
  readonly more: boolean;
}

export const outboxList = command({
  path: ['outbox', 'list'],
  summary: {
    ko: '키를 붙잡고 있는 행: DEAD이거나 다음 시도를 기다리는 행',
    en: 'rows that hold their key: DEAD, or waiting for their next attempt',
  },
  impact: 'read',
  details: {
    ko: '이런 행이 있으면 릴레이는 같은 계정의 이후 행을 보내지 않습니다(순서를 지키기 위해).\nlabctl outbox retry | skip 으로 결정합니다.',
    en: 'Behind such a row the relay sends no later row of its account, to keep their order.\nlabctl outbox retry | skip decides about it.',
  },
  fields: {
    limit: numberOption('-n, --limit <rows>', { min: 1, max: 1_000 }, { ko: '최대 몇 행', en: 'how many at most' }),
  },
  async run({ limit = limitUsual }, context): Promise<OutboxList> {
    const { heldRows } = await import('../../workers/outbox-relay/held.ts');
    const held = await onLab(context, ({ mysql }) => heldRows(mysql, { limit }));
    return { schema: 'labctl.outbox.list/1', ...held };
  },
  async text({ rows, more }, { language }) {
    if (rows.length === 0) return nothing[language];
    const cells = rows.map((row) => [
      row.id,
      row.accountId,
      row.status,
      String(row.attempts),
      durationText(row.ageMs),
      row.nextAttemptInMs === null ? '-' : durationText(Math.max(0, row.nextAttemptInMs)),
      String(row.holdsBack),
      row.eventType,
      (row.lastError ?? '-').replaceAll(/\s+/g, ' ').slice(0, errorWidth),
    ]);
    const table = await plainTable([headings[language], ...cells], [0, 1, 3, 4, 5, 6]);
    return more ? `${table}\n${there[language]}` : table;
  },
});

const errorWidth = 60;

const nothing = {
  ko: '키를 붙잡고 있는 행이 없습니다',
  en: 'No row holds its key',
} as const;

const there = { ko: '더 있습니다 (--limit)', en: 'there are more (--limit)' } as const;

const headings = {
  ko: ['번호', '계정', '상태', '시도', '나이', '다음 시도까지', '뒤에 막힌 행', '종류', '마지막 오류'],
  en: ['ID', 'ACCOUNT', 'STATUS', 'ATTEMPTS', 'AGE', 'NEXT IN', 'HOLDS BACK', 'TYPE', 'LAST ERROR'],
};
