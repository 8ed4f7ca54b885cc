import type { AccountsRole, ProjectionRole } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { Text } from '../../text.ts';
import { mysqlCommand } from '../native-commands.ts';
import type { Finding, Probe } from '../probe.ts';
import { auditProjection, auditRoles, type ProjectionAudit } from './audit.ts';
import type { Drift, DriftKind } from './judge.ts';
import { checksumSql } from './windows.ts';

export type ProjectionChecksum = ProjectionAudit;

/** Drifts that a reading keeps; all are counted. */
const examplesMax = 50;

export const driftNames: Readonly<Record<DriftKind, Text>> = {
  doubled: { ko: '두 번 반영됨', en: 'applied twice' },
  missing: { ko: '반영되지 않음', en: 'not applied' },
  drifted: { ko: '효과로 설명되지 않는 잔액', en: 'not the sum of its effects' },
  ahead: { ko: '원장보다 앞섬', en: 'ahead of the ledger' },
  orphan: { ko: '계좌 없음', en: 'no such account' },
  'account-drift': { ko: '계좌 잔액이 원장과 다름', en: 'account differs from its ledger' },
};

/** Every projection against its ledger, at one moment a window of accounts. It looks at every leg: only when asked. */
export const projectionChecksum: Probe<ProjectionChecksum> = {
  id: 'projection.checksum',
  title: { ko: '프로젝션 정합성', en: 'Projection checksum' },
  cost: 'onDemand',
  readsOnce: true,
  timeoutMs: 10 * 60_000,
  read: (target, { signal, subject }) => auditProjection(target, { subject, signal, keep: examplesMax }),
  judge({ drifts }) {
    return (Object.keys(drifts) as DriftKind[]).flatMap((kind): readonly Finding[] => {
      const accounts = drifts[kind];
      if (accounts === 0) return [];
      const name = driftNames[kind];
      return [
        {
          key: `projection.${kind}`,
          severity: 'critical',
          text: {
            ko: `프로젝션이 틀린 계좌 ${accounts}개: ${name.ko}`,
            en: `${accounts} accounts are wrong: ${name.en}`,
          },
        },
      ];
    });
  },
  numbers: ({ behind, drifts }) => ({
    behind,
    wrong: Object.values(drifts).reduce((sum, accounts) => sum + accounts, 0),
  }),
  rows({ accounts, balance, ledger, checksum, behind, undecided, examples }) {
    return [
      ['ACCOUNTS', 'Σ BALANCE', 'Σ LEDGER', 'CHECKSUM', 'BEHIND', 'UNDECIDED'],
      [accounts, balance, ledger, checksum, behind, undecided].map(String),
      ...(examples.length === 0 ? [] : [['ACCOUNT', 'KIND', 'OFF BY', 'BALANCE', 'APPLIED', 'VERSION']]),
      ...examples.map(exampleRow),
    ];
  },
  verifyWith(target, about) {
    let roles: ReturnType<typeof auditRoles>;
    try {
      roles = auditRoles(target);
    } catch {
      return [];
    }
    const { projection: p, ledger: l, accounts } = roles;
    const account = about?.subject?.accountId;
    const one = account === undefined ? '' : ` WHERE p.${quote(p.accountId)} = ${account}`;
    const legs = `SELECT SUM(l.${quote(l.delta)}) FROM ${quote(p.table)} p JOIN ${quote(l.table)} l ON l.${quote(l.accountId)} = p.${quote(p.accountId)} AND l.${quote(l.accountSeq)} <= p.${quote(p.version)}${one}`;
    return [
      {
        command: mysqlCommand(
          target,
          `SELECT COUNT(*) AS accounts, SUM(${quote(p.balance)}) AS balance, BIT_XOR(${checksumSql(p)}) AS checksum FROM ${quote(p.table)} p${one}`,
        ),
        shows: { ko: '프로젝션의 행 수, 잔액 합계, 체크섬', en: 'rows, Σ of balances and checksum of the projection' },
      },
      {
        command: mysqlCommand(target, `SELECT COALESCE((${legs}), 0)${openings(accounts, p, one)} AS ledger`),
        shows: { ko: '각 계좌의 version까지의 원장 합계', en: 'Σ of the ledger up to the version of each account' },
      },
    ];
  },
};

/** What the accounts of the projection had before their first leg, as one more term of the sum. */
function openings(accounts: AccountsRole | undefined, p: ProjectionRole, one: string): string {
  if (accounts?.openingBalance === undefined) return '';
  const on = `a.${quote(accounts.accountId)} = p.${quote(p.accountId)}`;
  return ` + COALESCE((SELECT SUM(a.${quote(accounts.openingBalance)}) FROM ${quote(p.table)} p JOIN ${quote(accounts.table)} a ON ${on}${one}), 0)`;
}

function exampleRow({ kind, accountId, amount, state: { projection } }: Drift): readonly string[] {
  const { balance = '-', appliedCount = '-', version = '-' } = projection ?? {};
  return [accountId, kind, amount, balance, appliedCount, version].map(String);
}
