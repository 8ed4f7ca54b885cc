import type { FaultLease, HealRecord } from '../../infra/faults/lease.ts';
import { type Language, printable, type Text } from '../../infra/text.ts';
import { command } from '../command.ts';
import { faultLabOf } from '../fault-order.ts';
import { numberOption } from '../fields.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { plainTable } from '../output/table.ts';
import { durationText } from '../output/units.ts';

interface FaultList {
  readonly schema: 'labctl.fault.list/1';
  readonly active: readonly ActiveFault[];
  /** How earlier ones ended, the latest first. */
  readonly history: readonly (HealRecord & { readonly healedAfterDueMs: number })[];
}

interface ActiveFault extends Omit<FaultLease, 'claims'> {
  /** Below 0: it should have been healed so long ago. */
  readonly leftMs: number;
  /** The process that heals it lives. */
  readonly healerWorks: boolean;
}

const historyByDefault = 10;

export const faultList = command({
  path: ['fault', 'list'],
  summary: {
    ko: '걸려 있는 장애, 그리고 이전 장애가 어떻게 치유됐는지',
    en: 'active faults, and how earlier ones were healed',
  },
  impact: 'read',
  details: {
    ko: "'치유까지'는 만료(또는 실행 프로세스의 죽음)부터 잰 시간입니다.\n종료 코드: 0 · 5 만료됐는데 치유되지 않은 것이 있음",
    en: 'Time to heal counts from the expiry, or from the death of whoever injected it.\nExit code: 0 · 5 one has expired and is not healed',
  },
  fields: {
    lines: numberOption(
      '-n, --lines <number>',
      { min: 0, max: 200 },
      {
        ko: `이전 장애 몇 개 (기본 ${historyByDefault})`,
        en: `how many earlier ones (${historyByDefault} by default)`,
      },
    ),
  },
  async run({ lines = historyByDefault }, context): Promise<FaultList> {
    const [{ healerWorks }, { storeOf }, lab] = await Promise.all([
      import('../../infra/faults/overdue.ts'),
      import('../../infra/faults/healing.ts'),
      faultLabOf(context),
    ]);
    const store = storeOf(lab);
    const nowMs = context.clock.now();
    const active = await Promise.all(
      store.leases().map(async (lease): Promise<ActiveFault> => {
        const { claims: _, ...shown } = lease;
        return { ...shown, leftMs: lease.expiresAtMs - nowMs, healerWorks: await healerWorks(lease, lab) };
      }),
    );
    const history = lines === 0 ? [] : store.history().slice(-lines).toReversed();
    return {
      schema: 'labctl.fault.list/1',
      active,
      history: history.map((entry) => ({ ...entry, healedAfterDueMs: entry.healedAtMs - entry.dueAtMs })),
    };
  },
  exitCode: ({ active }) => (active.some(isNeglected) ? exitCodes.cleanupFailed : exitCodes.ok),
  async text({ active, history }, { language }) {
    const blocks = [await activeTable(active, language), ...(await historyTable(history, language))];
    return blocks.join('\n\n');
  },
});

/** What a healer may take for a broker that starts and catches up; nobody has to look before that. */
const healingMs = 30_000;

function isNeglected({ leftMs, failure, healerWorks }: ActiveFault): boolean {
  return leftMs < -healingMs || (leftMs < 0 && (failure !== undefined || !healerWorks));
}

const words = {
  none: { ko: '걸려 있는 장애가 없습니다', en: 'No fault is active' },
  works: { ko: '살아 있음', en: 'alive' },
  dead: { ko: '없음', en: 'none' },
  overdue: { ko: '지남', en: 'overdue' },
  earlier: { ko: '이전 장애', en: 'Earlier faults' },
} as const satisfies Readonly<Record<string, Text>>;

const headings = {
  active: {
    ko: ['id', '장애', '대상', '누가', '시작', '남은 시간', '치유 프로세스'],
    en: ['ID', 'FAULT', 'TARGET', 'BY', 'SINCE', 'LEFT', 'HEALER'],
  },
  history: {
    ko: ['id', '장애', '대상', '누가', '끝난 때', '왜', '누가 치유', '치유까지', '실패'],
    en: ['ID', 'FAULT', 'TARGET', 'BY', 'ENDED', 'WHY', 'HEALED BY', 'AFTER', 'FAILED BEFORE'],
  },
} as const;

const causes: Readonly<Record<HealRecord['cause'], Text>> = {
  expired: { ko: '시간이 됨', en: 'time was up' },
  'owner-died': { ko: '실행 프로세스가 죽음', en: 'its runner died' },
  asked: { ko: '요청', en: 'asked' },
};

const healers: Readonly<Record<HealRecord['by'], Text>> = {
  healer: { ko: '치유 프로세스', en: 'its healer' },
  runner: { ko: '실행 프로세스', en: 'its runner' },
  command: { ko: '다른 labctl 명령', en: 'a command' },
};

async function activeTable(active: FaultList['active'], language: Language): Promise<string> {
  if (active.length === 0) return words.none[language];
  const rows = active.map(({ id, kind, target, who, takenAtMs, leftMs, healerWorks }) => [
    ...[id, kind, target, who, timeText(takenAtMs)],
    leftMs < 0 ? `${words.overdue[language]} ${durationText(-leftMs)}` : durationText(leftMs),
    (healerWorks ? words.works : words.dead)[language],
  ]);
  const table = await plainTable([headings.active[language], ...rows], [5]);
  const failures = active.flatMap(({ id, failure }) =>
    failure === undefined
      ? []
      : [
          {
            ko: `${id}: 치유하지 못했습니다 (시도 ${failure.attempts}회): ${failure.error}`,
            en: `${id} could not be healed (attempts: ${failure.attempts}): ${failure.error}`,
          }[language],
        ],
  );
  return [table, ...failures].join('\n');
}

async function historyTable(history: FaultList['history'], language: Language): Promise<readonly string[]> {
  if (history.length === 0) return [];
  const rows = history.map((entry) => [
    ...[entry.id, entry.kind, entry.target, entry.who, timeText(entry.healedAtMs)],
    causes[entry.cause][language],
    entry.outcome === 'ended' ? '-' : healers[entry.by][language],
    entry.outcome === 'ended' ? '-' : durationText(entry.healedAfterDueMs),
    failedBefore(entry),
  ]);
  return [`${words.earlier[language]}\n${await plainTable([headings.history[language], ...rows], [7])}`];
}

const errorLength = 60;

function failedBefore({ attempts, outcome, error }: HealRecord): string {
  if (error === undefined) return '';
  return `${attempts - (outcome === 'healed' ? 1 : 0)} × ${printable(error).slice(0, errorLength)}`;
}

/** 14:03:22 in the machine's own zone, as the console's clock. */
function timeText(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
