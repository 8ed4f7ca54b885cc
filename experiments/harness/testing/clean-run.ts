import { encodeCacheValue } from '../../../infra/contract/cache-entry.ts';
import { dedupKeyOf } from '../../../infra/contract/dedup-key.ts';
import { seededRandom } from '../../../workers/domain/random.ts';
import { legsInLockOrder, plannedTransfer, type Transfer } from '../../../workers/domain/transfer.ts';
import type { JournalEntry } from '../../../workers/protocol/journal.ts';
import type { FinalState, TopicRecord } from '../final-state.ts';
import { type History, historyOf, type JournalLine } from '../history.ts';

/** What a test plants its one anomaly into: the lines of a journal and a final state that belong together. */
export interface RecordedArm {
  readonly lines: readonly JournalLine[];
  readonly history: History;
  readonly state: Mutable<FinalState>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface CleanRunOptions {
  readonly transfers: number;
  readonly accounts?: number;
  readonly seed?: number;
  /**
   * A healthy system under stress: outcomes unknown to the caller (committed and not), refused transfers, batches sent
   * again by a relay that died, accounts interleaved over partitions, keys that hold a tombstone or nothing.
   */
  readonly busy?: boolean;
}

const partitions = 6;

/** The model of the pipeline: what journals and engines must look like when nothing went wrong. */
export function cleanRun({ transfers, accounts = 20, seed = 1, busy = false }: CleanRunOptions): RecordedArm {
  const lines: JournalLine[] = [];
  const random = busy ? seededRandom(seed) : () => 1;
  const state = emptyState(accounts);
  for (let index = 0; index < transfers; index++) {
    const transfer = plannedTransfer({ runId: 'run', seed, firstAccount: 1_000, accounts }, index);
    const fate = fateOf(random());
    if (fate === 'ok' || fate === 'unknown, present') {
      for (const leg of legsInLockOrder(transfer)) commitLeg(state, { txId: transfer.txId, ...leg });
    }
    lines.push(...journalOf(transfer, fate, 1_000 + index * 5).map((entry) => lineOf('writer', entry)));
  }
  sendAll(state, random);
  fillCache(state, random);
  return { lines, history: historyOf(lines), state };
}

function emptyState(accounts: number): Mutable<FinalState> {
  return {
    accounts: Array.from({ length: accounts }, (_, index) => ({
      accountId: BigInt(1_000 + index),
      balance: 0n,
      accountSeq: 0n,
    })),
    ledger: [],
    outbox: [],
    projections: [],
    effects: [],
    topic: [],
    cache: [],
    diagnosed: ['duplicates', 'loss', 'projection'].map((diagnosis) => ({
      diagnosis,
      status: 'clean',
      counts: {},
      findings: [],
    })),
    counters: {},
    incarnations: { writer: 1 },
    settled: true,
  };
}

type Fate = 'ok' | 'refused' | 'unknown, present' | 'unknown, absent';

export function lineOf(worker: string, entry: JournalEntry): JournalLine {
  return { worker, text: JSON.stringify(entry) };
}

function journalOf({ txId, from, to, amount }: Transfer, fate: Fate, at: number): readonly JournalEntry[] {
  const invoke = { kind: 'invoke', txId, from: String(from), to: String(to), amount: String(amount), at } as const;
  const ended = { txId, at: at + 3 };
  if (fate === 'ok') return [invoke, { kind: 'ok', ...ended }];
  if (fate === 'refused') return [invoke, { kind: 'fail', reason: 'deadlock', ...ended }];
  return fate === 'unknown, present' ? [invoke, { kind: 'info', reason: 'connection lost', ...ended }] : [invoke];
}

function fateOf(dice: number): Fate {
  if (dice < 0.05) return 'refused';
  if (dice < 0.1) return 'unknown, present';
  return dice < 0.15 ? 'unknown, absent' : 'ok';
}

function commitLeg(state: FinalState, leg: { txId: string; accountId: bigint; delta: bigint }): void {
  const index = state.accounts.findIndex(({ accountId }) => accountId === leg.accountId);
  const before = state.accounts[index];
  if (before === undefined) throw new Error(`no account ${leg.accountId}`);
  const accountSeq = before.accountSeq + 1n;
  state.accounts[index] = { ...before, balance: before.balance + leg.delta, accountSeq };
  state.ledger.push({ ...leg, accountSeq });
}

/** Sends and applies the ledger in order; with a chance, the batch before is sent once more, as after a relay's death. */
function sendAll(state: FinalState, random: () => number): void {
  const logs: TopicRecord[][] = Array.from({ length: partitions }, () => []);
  const send = (leg: FinalState['ledger'][number]): TopicRecord => {
    const dedupKey = dedupKeyOf(leg.txId, leg.accountId);
    const log = logs[Number(leg.accountId) % partitions] ?? [];
    const { accountId, accountSeq, delta } = leg;
    const event = { dedupKey, accountId, accountSeq, delta };
    const record = { partition: Number(leg.accountId) % partitions, offset: BigInt(log.length), dedupKey, event };
    log.push(record);
    return record;
  };
  for (const [index, leg] of state.ledger.entries()) {
    const first = send(leg);
    const { partition, offset, event } = random() < 0.1 ? send(leg) : first;
    state.outbox.push({
      dedupKey: first.dedupKey ?? '',
      accountId: leg.accountId,
      status: 'SENT',
      sentPartition: partition,
      sentOffset: offset,
    });
    if (event !== null) state.effects.push({ ...event });
    if (random() < 0.02) for (const again of state.ledger.slice(Math.max(0, index - 10), index + 1)) send(again);
  }
  state.topic.push(...logs.flat());
  for (const { accountId, balance, accountSeq } of state.accounts) {
    if (accountSeq === 0n) continue;
    state.projections.push({
      accountId,
      balance,
      version: accountSeq,
      appliedCount: accountSeq,
      foldedSeq: 0n,
    });
  }
}

function fillCache(state: FinalState, random: () => number): void {
  for (const { accountId, balance, accountSeq } of state.accounts) {
    const dice = random();
    if (dice < 0.05) continue;
    const value =
      dice < 0.1 ? { kind: 'tombstone' as const, accountSeq } : { kind: 'entry' as const, accountSeq, balance };
    state.cache.push({ accountId, text: encodeCacheValue(value) });
  }
}
