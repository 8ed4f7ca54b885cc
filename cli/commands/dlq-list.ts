import { closest } from '../../infra/closest.ts';
import type { IndexedLetter } from '../../infra/dead-letters/index-rows.ts';
import { UserError } from '../../infra/errors.ts';
import type { DeadLetterGroup, DlqGroups } from '../../infra/probes/dlq/groups.ts';
import type { Part } from '../../infra/probes/reading.ts';
import type { Language } from '../../infra/text.ts';
import { command } from '../command.ts';
import { flag, numberOption, textOption } from '../fields.ts';
import { onLab } from '../lab-tables.ts';
import { plainTable } from '../output/table.ts';
import { ageText } from '../output/units.ts';

const groupsUsual = 50;
const lettersUsual = 20;

interface GroupedList {
  readonly schema: 'labctl.dlq.list/1';
  readonly groups: readonly DeadLetterGroup[];
  /** Of the class asked for, or of all; `exact: false`: at least so many. */
  readonly deadLetters: DlqGroups['deadLetters'];
  readonly copies: bigint;
  readonly byClass: DlqGroups['byClass'];
  /** There are more groups than were asked for. */
  readonly more: boolean;
}

interface FlatList {
  readonly schema: 'labctl.dlq.letters/1';
  readonly letters: readonly IndexedLetter[];
  readonly more: boolean;
}

export const dlqList = command({
  path: ['dlq', 'list'],
  summary: { ko: '데드 레터를 원인별로 묶어서', en: 'dead letters, grouped by what they died of' },
  impact: 'read',
  details: {
    ko: '한 묶음은 같은 분류·예외·이벤트 종류입니다. 목록은 판정이 아니므로 종료 코드는 0입니다 (판정: labctl get dlq.groups).',
    en: 'A group is one class, exception and event type. Listing judges nothing, so it ends with 0 (labctl get dlq.groups judges).',
  },
  fields: {
    class: textOption('--class <class>', { ko: '이 분류만', en: 'only of this class' }),
    limit: numberOption('-n, --limit <number>', { min: 1, max: 1_000 }, { ko: '최대 몇 개', en: 'how many at most' }),
    flat: flag('--flat', { ko: '묶지 않고 최근 것부터 하나씩', en: 'one by one, the newest first' }),
  },
  async run({ class: asked, limit, flat }, context): Promise<GroupedList | FlatList> {
    const className = asked === undefined ? undefined : await knownClass(asked);
    return onLab<GroupedList | FlatList>(context, ({ mysql, roles }) =>
      flat
        ? letters(mysql, { className, limit: limit ?? lettersUsual })
        : groups({ mysql, roles }, { className, limit: limit ?? groupsUsual }),
    );
  },
  text: (result, { language }) =>
    result.schema === 'labctl.dlq.list/1' ? groupsText(result, language) : lettersText(result, language),
});

/** @throws UserError naming the classes there are. */
async function knownClass(asked: string): Promise<string> {
  const { failureClasses } = await import('../../workers/domain/failure-rules.ts');
  if (failureClasses.some((name) => name === asked)) return asked;
  const meant = closest(asked, failureClasses);
  throw new UserError(
    { ko: `"${asked}" 분류는 없습니다`, en: `there is no class "${asked}"` },
    {
      why: { ko: `있는 것: ${failureClasses.join(', ')}`, en: `there are: ${failureClasses.join(', ')}` },
      tryThis: [meant === undefined ? 'labctl dlq list' : `labctl dlq list --class ${meant}`],
    },
  );
}

interface Wanted {
  readonly className: string | undefined;
  readonly limit: number;
}

type LabTarget = Parameters<Parameters<typeof onLab>[1]>[0];

async function groups(
  { mysql, roles }: Pick<LabTarget, 'mysql' | 'roles'>,
  { className, limit }: Wanted,
): Promise<GroupedList> {
  const [{ readGroups }, { notMapped, UnknownValue }] = await Promise.all([
    import('../../infra/probes/dlq/groups-read.ts'),
    import('../../infra/probes/reading.ts'),
  ]);
  if (roles.deadLetters === undefined) throw new UnknownValue(notMapped);
  const read = await readGroups(mysql, roles.deadLetters, undefined);
  const found = read.groups.filter((group) => className === undefined || group.class === className);
  const byClass = read.byClass.filter((one) => className === undefined || one.class === className);
  return {
    schema: 'labctl.dlq.list/1',
    groups: found.slice(0, limit),
    deadLetters: { rows: byClass.reduce((sum, { rows }) => sum + rows, 0), exact: read.deadLetters.exact },
    copies: byClass.reduce((sum, { copies }) => sum + copies, 0n),
    byClass,
    more: found.length > limit,
  };
}

async function letters(mysql: LabTarget['mysql'], { className, limit }: Wanted): Promise<FlatList> {
  const { newestLetters } = await import('../../infra/dead-letters/index-rows.ts');
  const found = await newestLetters(mysql, { className, limit: limit + 1 });
  return { schema: 'labctl.dlq.letters/1', letters: found.slice(0, limit), more: found.length > limit };
}

const words = {
  none: { ko: '데드 레터가 없습니다', en: 'There are no dead letters' },
  more: { ko: '더 있습니다 (--limit)', en: 'there are more (--limit)' },
  one: { ko: '하나 보기: labctl dlq show <번호>', en: 'to see one whole: labctl dlq show <id>' },
  groups: {
    ko: ['분류', '이벤트 종류', '예외', '건수', '사본', '최근', '가장 오래된', '최근 번호', '최근 메시지'],
    en: ['CLASS', 'EVENT TYPE', 'EXCEPTION', 'COUNT', 'COPIES', 'NEWEST', 'OLDEST', 'NEWEST ID', 'NEWEST MESSAGE'],
  },
  letters: {
    ko: ['번호', '나이', '분류', '이벤트 종류', '예외', '키', '시도', '사본', '메시지'],
    en: ['ID', 'AGE', 'CLASS', 'EVENT TYPE', 'EXCEPTION', 'KEY', 'ATTEMPT', 'COPIES', 'MESSAGE'],
  },
} as const;

async function groupsText(list: GroupedList, language: Language): Promise<string> {
  if (list.groups.length === 0) return words.none[language];
  const rows = list.groups.map((group) => [
    group.class,
    group.eventType ?? '-',
    group.exception,
    String(group.rows),
    String(group.copies),
    ageCell(group.newestAgeMs),
    ageCell(group.oldestAgeMs),
    String(group.newestId),
    messageCell(group.newestMessage, group.distinctMessages, language),
  ]);
  const table = await plainTable([words.groups[language], ...rows], [3, 4, 5, 6, 7]);
  return [table, '', totalLine(list, language), ...(list.more ? [words.more[language]] : []), words.one[language]].join(
    '\n',
  );
}

const messageWidth = 56;

/** The newest, and how many other ones there are: messages hold ids, so that one group has many. */
function messageCell(message: string, distinct: number, language: Language): string {
  const others = distinct - 1;
  const note = others <= 0 ? '' : { ko: ` (외 ${others}가지)`, en: ` (and ${others} more)` }[language];
  return `${oneLine(message, messageWidth)}${note}`;
}

function oneLine(text: string, width: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

function totalLine({ deadLetters, copies, byClass }: GroupedList, language: Language): string {
  const classes = byClass.map((one) => `${one.class} ${one.rows}`).join(' · ');
  const { rows, exact } = deadLetters;
  const extra = copies - BigInt(rows);
  if (language === 'ko') {
    const twice = extra > 0n ? ` · 중복 발행 ${extra}건` : '';
    return `데드 레터 ${exact ? '' : '최소 '}${rows}건: ${classes}${twice}`;
  }
  const twice = extra > 0n ? ` · ${extra} published twice` : '';
  return `${exact ? '' : 'at least '}${rows} dead ${rows === 1 ? 'letter' : 'letters'}: ${classes}${twice}`;
}

async function lettersText({ letters: shown, more }: FlatList, language: Language): Promise<string> {
  if (shown.length === 0) return words.none[language];
  const rows = shown.map((letter) => [
    letter.id,
    ageText(letter.ageMs),
    letter.class,
    letter.eventType ?? '-',
    letter.exception,
    letter.recordKey ?? '-',
    String(letter.attempt),
    String(letter.copies),
    oneLine(letter.message, messageWidth),
  ]);
  const table = await plainTable([words.letters[language], ...rows], [0, 1, 6, 7]);
  return [table, '', ...(more ? [words.more[language]] : []), words.one[language]].join('\n');
}

const ageCell = (age: Part<number>): string => (age.known ? ageText(age.value) : '?');
