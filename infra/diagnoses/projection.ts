import { auditProjection, type ProjectionAudit } from '../probes/projection/audit.ts';
import { driftNames } from '../probes/projection/checksum.ts';
import type { Drift } from '../probes/projection/judge.ts';
import type { Text } from '../text.ts';
import {
  type Answer,
  type Diagnosis,
  type DiagnosisFinding,
  type EvidenceRow,
  findingsMax,
  type NextStep,
} from './diagnosis.ts';

/** Whether every projection is what its ledger says, but for what is known to be on its way. */
export const projection: Diagnosis = {
  id: 'projection',
  title: { ko: '프로젝션 정합성', en: 'Projection against ledger' },
  question: {
    ko: '프로젝션의 잔액이 원장과 맞는가, 틀렸다면 어느 계좌가 얼마나?',
    en: 'are the balances what the ledger says, and if not, which accounts are off by how much?',
  },
  probes: ['projection.checksum', 'pipeline.freshness', 'kafka.group-lag', 'outbox.backlog'],
  narrowsBy: ['accountId', 'txId'],
  timeoutMs: 30 * 60_000,
  async ask(target, { subject, signal, onProgress }): Promise<Answer> {
    const audit = await auditProjection(target, {
      subject,
      signal,
      keep: findingsMax,
      onProgress: (done) => onProgress({ what: { ko: '계좌', en: 'accounts' }, done, of: undefined }),
    });
    return answerOf(audit, { opensMapped: target.roles.accounts?.openingBalance !== undefined });
  },
};

interface MappedRoles {
  readonly opensMapped: boolean;
}

/** Pure. */
function answerOf(audit: ProjectionAudit, roles: MappedRoles): Answer {
  const findings = audit.examples.map(findingOf);
  const nothing = audit.accounts === 0;
  const { unexplained, missing: _, ...onTheirWay } = audit.unapplied;
  return {
    status: findings.length > 0 ? 'finding' : nothing || audit.undecided > 0 ? 'unknown' : 'clean',
    counts: {
      accounts: audit.accounts,
      behind: audit.behind,
      ...onTheirWay,
      undecided: audit.undecided,
      doubled: audit.drifts.doubled,
      missing: audit.drifts.missing,
      drifted: audit.drifts.drifted,
      ahead: audit.drifts.ahead,
      orphan: audit.drifts.orphan,
      accountDrift: audit.drifts['account-drift'],
    },
    findings,
    explanation: withOpeningHint(explanationOf(audit), audit, roles),
    next: nextSteps(audit.examples),
  };
}

/** One account that differs is wrong; where most of them do, it is more likely that they did not begin at 0. */
function withOpeningHint({ ko, en }: Text, { accounts, drifts }: ProjectionAudit, { opensMapped }: MappedRoles): Text {
  if (opensMapped || drifts['account-drift'] * 2 <= accounts) return { ko, en };
  return {
    ko: `${ko}. 계좌 대부분이 원장과 다름: 원장에 없는 기초 잔액이 있다면 역할 맵의 accounts.openingBalance에 그 컬럼을 지정`,
    en: `${en}. Most accounts differ from their ledger: if they began with a balance that it does not hold, map its column as accounts.openingBalance`,
  };
}

function explanationOf({ accounts, balance, ledger, behind, undecided, examples, unapplied }: ProjectionAudit): Text {
  if (accounts === 0) return { ko: '살펴볼 계좌가 없음', en: 'there is no account to check' };
  const count = accounts.toLocaleString('en-US');
  const sums = { ko: `Σ 잔액 ${balance}, Σ 원장 ${ledger}`, en: `Σ balances ${balance}, Σ ledger ${ledger}` };
  const wrong = examples.length > 0;
  const undecidedText =
    undecided === 0
      ? { ko: '', en: '' }
      : {
          ko: ` · ${undecided}개 계좌는 매핑된 것만으로 판단할 수 없음 (미설명 ${unapplied.unexplained}건)`,
          en: `; of ${undecided} accounts what is mapped cannot tell (${unapplied.unexplained} legs unexplained)`,
        };
  return {
    ko: `계좌 ${count}개를 구간마다 한 시점에서 원장과 대조 (${sums.ko}): ${wrong ? '맞지 않는 계좌가 있음' : '모두 맞음'}, 반영 중인 계좌 ${behind}개${undecidedText.ko}`,
    en: `${count} accounts against their ledger, each window at one moment (${sums.en}): ${wrong ? 'some are wrong' : 'all are right'}, ${behind} with legs on their way${undecidedText.en}`,
  };
}

function findingOf(drift: Drift): DiagnosisFinding {
  const { kind, accountId, amount, state } = drift;
  const name = driftNames[kind];
  const lost = state.legs?.unapplied.filter(({ where }) => where === 'missing') ?? [];
  const first = kind === 'missing' ? lost[0] : undefined;
  const off = kind === 'account-drift' ? state.account?.balance : state.projection?.balance;
  return {
    key: `${kind}.${accountId}`,
    kind,
    severity: 'critical',
    text: {
      ko: `계좌 ${accountId}: ${name.ko}, 차이 ${amount}${off === undefined ? ' (프로젝션 행이 없음)' : ` (잔액 ${off})`}`,
      en: `account ${accountId}: ${name.en}, off by ${amount}${off === undefined ? ' (it has no projection)' : ` (balance ${off})`}`,
    },
    rung: 'ledger against projection',
    evidence: [accountRow(drift), ...(kind === 'missing' ? lost.map(legRow) : [])],
    ...(first === undefined ? {} : { trace: first.dedupKey }),
  };
}

const text = (value: bigint | null | undefined): string | null => (value == null ? null : String(value));

function accountRow({ accountId, state: { account, projection: row, ledger, legs } }: Drift): EvidenceRow {
  return {
    account_id: String(accountId),
    balance: text(row?.balance),
    version: text(row?.version),
    applied_count: text(row?.appliedCount),
    folded_seq: text(row?.foldedSeq),
    ledger_legs: String(ledger.legs),
    ledger_max_seq: String(ledger.maxSeq),
    ledger_to_version: String(ledger.toVersion),
    ledger_total: String(ledger.total),
    marked_applied: text(legs?.applied?.legs),
    account_balance: text(account?.balance),
  };
}

const legRow = ({
  dedupKey,
  accountSeq,
  delta,
}: {
  dedupKey: string;
  accountSeq: bigint;
  delta: bigint;
}): EvidenceRow => ({
  dedup_key: dedupKey,
  account_seq: String(accountSeq),
  delta: String(delta),
});

function nextSteps(examples: readonly Drift[]): readonly NextStep[] {
  const [first] = examples;
  if (first === undefined) return [];
  const doubled = examples.find(({ kind }) => kind === 'doubled');
  return [
    {
      text: { ko: '이 계좌만 다시 대조', en: 'compare this account alone' },
      command: `labctl diagnose projection --account ${first.accountId}`,
    },
    ...(doubled === undefined
      ? []
      : [
          {
            text: { ko: '어느 이벤트가 두 번 반영되었는지 보기', en: 'see which event was applied twice' },
            command: `labctl diagnose duplicates --account ${doubled.accountId}`,
          },
        ]),
  ];
}
