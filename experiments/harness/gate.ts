import { within } from '../../infra/clock.ts';
import { messageOf } from '../../infra/errors.ts';
import { eventTopicShape } from '../../infra/kafka/topics.ts';
import type { Pipeline } from '../../workers/supervisor/pipeline.ts';
import type { ArmPlan } from './define.ts';
import { cachedKeys, numberOf, type ScopeEngines, topicRecords } from './scope-engines.ts';

/** One condition of the steady state, and what was seen instead. */
export interface GateCheck {
  readonly check: string;
  readonly met: boolean;
  readonly seen: string;
}

/**
 * The steady state before anything is broken: a fresh scope on healthy engines, all workers at rest. Where it is not met
 * the workload never starts, so no fault is injected, and the arm is unknown.
 */
export async function readGate(
  engines: ScopeEngines,
  services: Pick<Pipeline, 'findings'>,
  plan: ArmPlan,
): Promise<readonly GateCheck[]> {
  const findings = services.findings();
  return [
    { check: 'workers without findings', met: findings.length === 0, seen: findings.map(said).join('; ') || 'none' },
    await counted('accounts, all empty', plan.accounts.count, () =>
      numberOf(engines, 'SELECT COUNT(*) FROM account WHERE balance = 0 AND account_seq = 0'),
    ),
    await counted('ledger rows', 0, () => numberOf(engines, 'SELECT COUNT(*) FROM ledger_entry')),
    await counted('outbox rows', 0, () => numberOf(engines, 'SELECT COUNT(*) FROM outbox_event')),
    await counted('applied effects', 0, () => numberOf(engines, 'SELECT COUNT(*) FROM applied_effect')),
    await counted('records in the topic', 0, () => topicRecords(engines)),
    await counted('partitions with all replicas in sync', eventTopicShape.partitions, () => healthyPartitions(engines)),
    await counted('cache keys of other accounts', 0, () => strangeKeys(engines, plan)),
  ];
}

function said({ worker, message }: { readonly worker: string; readonly message: string }): string {
  return `${worker}: ${message}`;
}

async function counted(check: string, expected: number, count: () => Promise<number>): Promise<GateCheck> {
  try {
    const seen = await count();
    return { check: `${check}: ${expected}`, met: seen === expected, seen: String(seen) };
  } catch (error) {
    return { check: `${check}: ${expected}`, met: false, seen: `unknown: ${messageOf(error)}` };
  }
}

async function healthyPartitions({ admin, scope }: ScopeEngines): Promise<number> {
  const { topics } = await within(
    'reading topic metadata',
    5_000,
    admin.fetchTopicMetadata({ topics: [scope.topics.events] }),
  );
  const partitions = topics.flatMap((topic) => topic.partitions);
  return partitions.filter(({ leader, isr }) => leader >= 0 && isr.length >= eventTopicShape.replicationFactor).length;
}

/** The reader may have filled entries already; keys of accounts that do not exist are somebody else's. */
async function strangeKeys(engines: ScopeEngines, { accounts }: ArmPlan): Promise<number> {
  const keys = await cachedKeys(engines);
  const last = BigInt(accounts.first + accounts.count);
  return [...keys.keys()].filter((accountId) => accountId < BigInt(accounts.first) || accountId >= last).length;
}
