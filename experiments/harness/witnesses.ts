import { decodeCacheValue } from '../../infra/contract/cache-entry.ts';
import type { Text } from '../../infra/text.ts';
import type { ArmPlan } from './define.ts';
import type { FinalState } from './final-state.ts';
import type { History } from './history.ts';

/**
 * A witness proves that something really happened: the fault fired, work was redelivered, rows were there to check. A
 * missing one makes its arm unknown, so that no arm can pass because nothing happened.
 */
export interface Witness {
  readonly name: string;
  readonly title: Text;
  /** What must be seen, for people: `≥ 90 %`. */
  readonly needs: string;
  /** Pure. null where the record does not tell. */
  measure(record: WitnessRecord): number | null;
  enough(seen: number): boolean;
}

export interface WitnessRecord {
  readonly history: History;
  readonly state: FinalState;
  readonly plan: ArmPlan;
}

export interface WitnessOutcome {
  readonly name: string;
  readonly title: Text;
  readonly needs: string;
  readonly seen: number | null;
  readonly met: boolean;
}

export function witness({ name, title, needs, measure, enough }: Witness, record: WitnessRecord): WitnessOutcome {
  const seen = measured(measure, record);
  return { name, title, needs, seen, met: seen !== null && enough(seen) };
}

function measured(measure: Witness['measure'], record: WitnessRecord): number | null {
  try {
    const seen = measure(record);
    return seen === null || !Number.isFinite(seen) ? null : seen;
  } catch {
    return null; // a witness that cannot be read was not seen
  }
}

/** The workload was tried in full, down to the last transfer. */
export const allTransfersTried: Witness = {
  name: 'transfersTriedPercent',
  title: { ko: '시도한 이체 비율(%)', en: 'transfers tried, % of the plan' },
  needs: '= 100 %',
  measure: ({ history, plan }) => (history.transfers.size / plan.transfers) * 100,
  enough: (percent) => percent === 100,
};

export const rowsChecked: Witness = {
  name: 'rowsChecked',
  title: { ko: '대조한 원장 행', en: 'ledger rows checked' },
  needs: '> 0',
  measure: ({ state }) => state.ledger.length,
  enough: (rows) => rows > 0,
};

export function accountsCached(percentMin: number): Witness {
  return {
    name: 'accountsCachedPercent',
    title: { ko: '점검 시 캐시된 계좌 비율(%)', en: 'accounts cached at the check, %' },
    needs: `≥ ${percentMin} %`,
    measure: ({ state, plan }) => (cachedEntries(state) / plan.accounts.count) * 100,
    enough: (percent) => percent >= percentMin,
  };
}

function cachedEntries({ cache }: FinalState): number {
  return cache.filter(({ text }) => decodeCacheValue(text)?.kind === 'entry').length;
}

/** The journal of the killed worker says so itself, written before it died. */
export function failpointFired(
  failpoint: string,
  { name, title, times }: { readonly name: string; readonly title: Text; readonly times: number },
): Witness {
  return {
    name,
    title,
    needs: `= ${times}`,
    measure: ({ history }) => history.failpoints.filter((fired) => fired.name === failpoint).length,
    enough: (fired) => fired === times,
  };
}

/** Counted by the projector: records whose dedup_key it had already processed. */
export const redelivered: Witness = {
  name: 'redelivered',
  title: { ko: '다시 전달된 레코드', en: 'records delivered again' },
  needs: '> 0',
  measure: ({ state }) => state.counters['balance-projector']?.redelivered ?? null,
  enough: (records) => records > 0,
};

/** Seen in the topic itself: one dedup_key at two offsets. */
export const sentTwice: Witness = {
  name: 'sentTwice',
  title: { ko: '토픽에 두 번 기록된 이벤트', en: 'events stored twice in the topic' },
  needs: '> 0',
  measure({ state }) {
    const times = new Map<string, number>();
    for (const { dedupKey } of state.topic) if (dedupKey !== null) times.set(dedupKey, (times.get(dedupKey) ?? 0) + 1);
    return [...times.values()].filter((count) => count > 1).length;
  },
  enough: (events) => events > 0,
};

/** Commits per second between the first and the last commit, by the writer's own clock. */
export function commitRate({ perSecond, tolerancePercent }: { perSecond: number; tolerancePercent: number }): Witness {
  const slack = (perSecond * tolerancePercent) / 100;
  return {
    name: 'transfersPerSecond',
    title: { ko: '측정된 초당 이체', en: 'transfers per second, measured' },
    needs: `${perSecond} ± ${tolerancePercent} %`,
    measure({ history }) {
      let [first, last, commits] = [Number.POSITIVE_INFINITY, 0, 0];
      for (const { outcome, endedAtMs } of history.transfers.values()) {
        if (outcome !== 'ok' || endedAtMs === undefined) continue;
        [first, last, commits] = [Math.min(first, endedAtMs), Math.max(last, endedAtMs), commits + 1];
      }
      return commits < 2 ? null : ((commits - 1) * 1_000) / (last - first);
    },
    enough: (rate) => Math.abs(rate - perSecond) <= slack,
  };
}

/** Events for which every stage was traced: a quantile over half of them would flatter. */
export function fullyTraced(percentMin: number): Witness {
  return {
    name: 'tracedPercent',
    title: { ko: '모든 단계가 기록된 이벤트(%)', en: 'events traced through every stage, %' },
    needs: `≥ ${percentMin} %`,
    measure({ history: { stages }, state }) {
      const traced = state.outbox.filter(
        ({ dedupKey }) => stages.sent.has(dedupKey) && stages.applied.has(dedupKey) && stages.invalidated.has(dedupKey),
      );
      return state.outbox.length === 0 ? null : (traced.length / state.outbox.length) * 100;
    },
    enough: (percent) => percent >= percentMin,
  };
}
