import { panel } from '../panel.ts';
import { transactionsRows, transactionsSummary } from './rows.ts';

export const transactions = panel({
  id: 'transactions',
  title: { ko: '트랜잭션', en: 'Transactions' },
  probeId: 'kafka.transactions',
  rows: transactionsRows,
  summary: transactionsSummary,
  empty({ held, open, hanging, unsure, silent, partitions }) {
    const parts = [held, open, hanging, unsure, silent, partitions.unknown];
    if (parts.some(({ length }) => length > 0)) return undefined;
    return { ko: '열린 트랜잭션이 없습니다', en: 'no transaction is open' };
  },
});
