import { driftNames, type ProjectionChecksum } from '../../../../infra/probes/projection/checksum.ts';
import type { Drift, Whereabouts } from '../../../../infra/probes/projection/judge.ts';
import { type Language, say, type Text } from '../../../../infra/text.ts';
import { count } from '../../ui/format.ts';
import { blank, cut, flow, join, type Line, line, span } from '../../ui/line.ts';
import { type Column, table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  accounts: (n: string): Text => ({ ko: `계좌 ${n}`, en: `${n} accounts` }),
  allRight: { ko: '모두 원장과 맞음', en: 'all match their ledger' },
  wrong: (n: string): Text => ({ ko: `${n}개가 틀림`, en: `${n} wrong` }),
  behind: (n: string): Text => ({ ko: `${n}개 반영 중`, en: `${n} on their way` }),
  undecided: (n: string): Text => ({ ko: `${n}개 알 수 없음`, en: `${n} unknown` }),
  balance: { ko: 'Σ 잔액', en: 'Σ balances' },
  ledger: { ko: 'Σ 원장', en: 'Σ ledger' },
  checksum: { ko: '체크섬', en: 'checksum' },
  heading: {
    account: { ko: '계좌', en: 'account' },
    kind: { ko: '무엇이 틀렸나', en: 'what is wrong' },
    amount: { ko: '차이', en: 'off by' },
    balance: { ko: '잔액', en: 'balance' },
    applied: { ko: '반영', en: 'applied' },
    version: { ko: 'version', en: 'version' },
  },
} as const;

const whereNames: Readonly<Record<Exclude<Whereabouts, 'missing'>, Text>> = {
  pending: { ko: '전송·소비 중', en: 'pending' },
  inRetry: { ko: '재시도 중', en: 'in retry' },
  dead: { ko: '데드 레터', en: 'dead' },
  expired: { ko: '보존 기간 지남', en: 'expired' },
  skipped: { ko: '운영자가 건너뜀', en: 'skipped' },
  unexplained: { ko: '설명되지 않음', en: 'unexplained' },
};

const wrongOf = ({ drifts }: ProjectionChecksum): number => Object.values(drifts).reduce((sum, each) => sum + each, 0);

/** Whether it adds up; the sums that prove it; then each account that is wrong. */
export function projectionRows(value: ProjectionChecksum, context: RowsContext): readonly Line[] {
  const { language, width } = context;
  const facts = [
    cut(verdictLine(value, language), width),
    ...sumLines(value, context),
    ...holeLine(value, language, width),
  ];
  if (value.examples.length === 0) return facts;
  const drifts = driftTable(value.examples, context);
  const isTight = !context.scrolls && facts.length + 1 + drifts.length > context.height;
  return [...facts, ...(isTight ? [] : [blank]), ...drifts];
}

function verdictLine(value: ProjectionChecksum, language: Language): Line {
  const wrong = wrongOf(value);
  const verdict =
    wrong === 0
      ? line(say(words.allRight, language), value.undecided > 0 ? 'plain' : 'ok')
      : line(`${marks.critical} ${say(words.wrong(count(wrong)), language)}`, 'critical', { bold: true });
  const parts = [
    line(say(words.accounts(count(value.accounts)), language)),
    verdict,
    ...(value.behind > 0 ? [line(say(words.behind(count(value.behind)), language), 'muted')] : []),
    ...(value.undecided > 0 ? [line(say(words.undecided(count(value.undecided)), language), 'unknown')] : []),
  ];
  return join(parts, line(' · ', 'muted'));
}

function sumLines(
  { balance, ledger, checksum }: ProjectionChecksum,
  { language, width }: RowsContext,
): readonly Line[] {
  const part = (name: Text, text: string): Line => [span(`${say(name, language)} `, 'muted'), span(text)];
  return flow(
    [part(words.balance, count(balance)), part(words.ledger, count(ledger)), part(words.checksum, String(checksum))],
    {
      width,
      indent: 0,
    },
  );
}

function holeLine({ unapplied }: ProjectionChecksum, language: Language, width: number): readonly Line[] {
  const parts = (Object.keys(whereNames) as (keyof typeof whereNames)[]).flatMap((where) =>
    unapplied[where] === 0 ? [] : [line(`${say(whereNames[where], language)} ${count(unapplied[where])}`, 'muted')],
  );
  return parts.length === 0 ? [] : flow(parts, { width, indent: 0 });
}

function driftTable(drifts: readonly Drift[], { language, width }: RowsContext): readonly Line[] {
  const columns: readonly Column[] = [
    {},
    { grow: true, min: 16 },
    { align: 'right' },
    { align: 'right', drop: 1 },
    { align: 'right', drop: 3 },
    { align: 'right', drop: 2 },
  ];
  const heading = Object.values(words.heading).map((title) => line(say(title, language), 'muted'));
  const rows = drifts.map(({ accountId, kind, amount, state: { projection } }) => [
    line(String(accountId)),
    line(say(driftNames[kind], language), 'critical'),
    line(signed(amount), 'plain', { bold: true }),
    ...[projection?.balance, projection?.appliedCount, projection?.version].map((figure) =>
      figure == null ? line('-', 'muted') : line(count(figure)),
    ),
  ]);
  return table([heading, ...rows], { width, columns });
}

const signed = (amount: bigint): string => (amount > 0n ? `+${count(amount)}` : count(amount));

export function projectionSummary(value: ProjectionChecksum, { language }: RowsContext): Line {
  return verdictLine(value, language);
}
