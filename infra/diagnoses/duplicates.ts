import { notMapped, type Part, partOf, UnknownValue } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';
import {
  type Answer,
  type AskContext,
  type Diagnosis,
  type DiagnosisFinding,
  findingsMax,
  type NextStep,
} from './diagnosis.ts';
import { isCounting, overcountedAccounts } from './duplicates-counts.ts';
import { journalDuplicates } from './duplicates-journal.ts';
import { ledgerDuplicates } from './duplicates-ledger.ts';
import { processedDuplicates } from './duplicates-processed.ts';
import { type DuplicatesScope, duplicatesScope } from './duplicates-scope.ts';
import { topicDuplicates } from './duplicates-topic.ts';

/** Whether anything was applied twice, by the strongest evidence that the target has. */
export const duplicates: Diagnosis = {
  id: 'duplicates',
  title: { ko: '중복 반영', en: 'Applied twice' },
  question: {
    ko: '같은 dedup_key나 거래가 두 번 반영되었는가, 금액은 얼마나 틀렸는가?',
    en: 'was any dedup_key or transaction applied twice, and how much money is wrong?',
  },
  probes: ['projection.checksum', 'pipeline.freshness', 'kafka.group-lag'],
  narrowsBy: ['txId', 'accountId', 'keys'],
  timeoutMs: 30 * 60_000,
  async ask(target, context): Promise<Answer> {
    return compose(await readRungs(target, context));
  },
};

interface Counted {
  readonly checked: number;
  readonly findings: readonly DiagnosisFinding[];
}

/** One thing looked at: a rung of the ladder, or the ledger itself. */
interface Looked {
  readonly name: Text;
  readonly part: Part<Counted>;
  readonly counts: Readonly<Record<string, number>>;
  readonly surplus: bigint;
  /** Looked at for the count only: another rung decides. */
  readonly decides: boolean;
}

/**
 * Journal and counts see different things (a copy outside the journal, a copy that a hole cancels out), so both are asked.
 * The weaker rungs prove less, and are asked only where neither of these is there.
 */
async function readRungs(target: Target, context: AskContext): Promise<readonly Looked[]> {
  const scope = await duplicatesScope(target, context.subject);
  const looked = [await lookAtJournal(target, scope, context), await lookAtCounts(target, scope, context)];
  const strong = looked.flatMap((one) => one ?? []);
  const weak = strong.some(({ part }) => part.known)
    ? []
    : [await lookAtTopic(target, scope, context), await lookAtProcessed(target, scope, context)].flatMap(
        (one) => one ?? [],
      );
  const ledger = await lookAtLedger(target, scope, context);
  const all = [...strong, ...weak];
  if (all.length === 0 && ledger === undefined) throw new UnknownValue(notMapped);
  return [...all, ...(ledger === undefined ? [] : [ledger])];
}

async function lookAtJournal({ mysql, roles }: Target, scope: DuplicatesScope, context: AskContext) {
  const { effects } = roles;
  if (effects === undefined) return undefined;
  const part = await partOf(
    scope.journal === 'none'
      ? Promise.reject(new UnknownValue(`${notMapped}: the journal does not say the account`))
      : journalDuplicates(mysql, { effects, roles }, { part: scope.journal, keep: findingsMax, context }),
  );
  const { doubled = 0, conflicting = 0, absorbed = 0, checked = 0, surplus = 0n } = part.known ? part.value : {};
  return {
    name: { ko: '효과 저널', en: 'the effect journal' },
    part,
    counts: part.known ? { effects: checked, doubled, conflicting, absorbed } : {},
    surplus,
    decides: true,
  };
}

async function lookAtCounts({ mysql, roles }: Target, scope: DuplicatesScope, context: AskContext) {
  const { projection } = roles;
  if (!isCounting(projection)) return undefined;
  const part = await partOf(
    overcountedAccounts(mysql, { projection, roles }, { accounts: scope.accounts, keep: findingsMax, context }),
  );
  const { checked = 0, overcounted = 0, surplus = 0n } = part.known ? part.value : {};
  return {
    name: { ko: '원장과 프로젝션의 대조', en: 'ledger against projection' },
    part,
    counts: part.known ? { accounts: checked, overcounted } : {},
    surplus,
    decides: true,
  };
}

async function lookAtTopic(target: Target, scope: DuplicatesScope, context: AskContext) {
  const topic = target.roles.topics.events;
  if (topic === undefined || target.endpoints.kafka === undefined) return undefined;
  const part = await partOf(topicDuplicates(target, topic, { keys: scope.keys, keep: findingsMax, context }));
  return {
    name: { ko: '토픽 조회', en: 'the topic' },
    part,
    counts: part.known ? { records: part.value.checked, twiceInTopic: part.value.doubled } : {},
    surplus: 0n,
    decides: true,
  };
}

async function lookAtProcessed({ mysql, roles }: Target, scope: DuplicatesScope, context: AskContext) {
  const { processed } = roles;
  if (processed === undefined) return undefined;
  const part = await partOf(
    processedDuplicates(mysql, { processed, roles }, { keys: scope.keys, keep: findingsMax, context }),
  );
  return {
    name: { ko: '처리 기록', en: 'processed_event' },
    part,
    counts: part.known ? { processed: part.value.checked, processedTwice: part.value.doubled } : {},
    surplus: 0n,
    decides: true,
  };
}

async function lookAtLedger({ mysql, roles }: Target, scope: DuplicatesScope, context: AskContext) {
  const { ledger } = roles;
  if (ledger === undefined || scope.ledger === 'none') return undefined;
  const part = await partOf(ledgerDuplicates(mysql, ledger, { part: scope.ledger, keep: findingsMax, context }));
  if (part.known && part.value.uniqueKey !== undefined) return undefined;
  const { checked = 0, doubled = 0, conflicting = 0, surplus = 0n } = part.known ? part.value : {};
  return {
    name: { ko: '원장', en: 'the ledger itself' },
    part,
    counts: part.known ? { ledgerLegs: checked, ledgerDoubled: doubled, ledgerConflicting: conflicting } : {},
    surplus,
    decides: false,
  };
}

/** Pure. */
function compose(looked: readonly Looked[]): Answer {
  const findings = looked.flatMap(({ part }) => (part.known ? part.value.findings : []));
  const checked = looked.reduce((sum, { part }) => sum + (part.known ? part.value.checked : 0), 0);
  const unread = looked.filter(({ part }) => !part.known);
  const decided = looked.some(({ decides, part }) => decides && part.known);
  const surplus = looked.reduce((sum, one) => sum + one.surplus, 0n);
  const status = findings.length > 0 ? 'finding' : checked === 0 || unread.length > 0 || !decided ? 'unknown' : 'clean';
  const counts = Object.assign({}, ...looked.map((one) => one.counts));
  return {
    status,
    counts,
    findings,
    explanation: explanationOf({ looked, checked, surplus, found: findings.length > 0, decided }),
    next: nextSteps(findings),
  };
}

function explanationOf({
  looked,
  checked,
  surplus,
  found,
  decided,
}: {
  readonly looked: readonly Looked[];
  readonly checked: number;
  readonly surplus: bigint;
  readonly found: boolean;
  readonly decided: boolean;
}): Text {
  const read = looked.filter(({ part }) => part.known);
  const seen = { ko: read.map(({ name }) => name.ko).join('·'), en: read.map(({ name }) => name.en).join(' and ') };
  const unread = looked.flatMap(({ name, part }) => (part.known ? [] : [{ name, reason: part.reason }]));
  const not = {
    ko: unread.map(({ name, reason }) => ` · ${name.ko}은(는) 읽지 못함: ${reason}`).join(''),
    en: unread.map(({ name, reason }) => `; ${name.en} could not be read: ${reason}`).join(''),
  };
  if (checked === 0) return { ko: `살펴볼 행이 없음${not.ko}`, en: `there is nothing to check${not.en}` };
  const rows = checked.toLocaleString('en-US');
  const money = found
    ? {
        ko: `잘못 반영된 금액의 절댓값 합계 ${surplus}`,
        en: `the amounts that are wrong add up to ${surplus}, signs aside`,
      }
    : { ko: '두 번 반영된 것 없음', en: 'nothing was applied twice' };
  const undecided = decided
    ? { ko: '', en: '' }
    : {
        ko: ' · 효과를 보여 주는 것이 매핑되어 있지 않아 반영 여부는 알 수 없음',
        en: '; nothing that shows effects is mapped, so whether it was applied twice is not known',
      };
  return {
    ko: `${seen.ko}의 ${rows}행을 확인: ${money.ko}${undecided.ko}${not.ko}`,
    en: `${rows} rows of ${seen.en} were checked: ${money.en}${undecided.en}${not.en}`,
  };
}

function nextSteps(findings: readonly DiagnosisFinding[]): readonly NextStep[] {
  const [first] = findings;
  if (first === undefined) return [];
  const account = first.evidence[0]?.account_id;
  return [
    ...(typeof account === 'string'
      ? [
          {
            text: { ko: '이 계좌의 잔액이 얼마나 틀렸는지 보기', en: 'see how wrong the balance of this account is' },
            command: `labctl diagnose projection --account ${account}`,
          },
        ]
      : []),
    ...(first.kind === 'doubled' || first.kind === 'conflicting'
      ? [
          {
            text: { ko: '이 이벤트만 다시 확인', en: 'look at this event alone' },
            command: `labctl diagnose duplicates --key '${(first.trace ?? '').replaceAll("'", "'\\''")}'`,
          },
        ]
      : []),
  ];
}
