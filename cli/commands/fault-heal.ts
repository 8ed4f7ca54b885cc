import { closest } from '../../infra/closest.ts';
import { messageOf, UserError } from '../../infra/errors.ts';
import type { FaultLease } from '../../infra/faults/lease.ts';
import type { FaultStore } from '../../infra/faults/store.ts';
import { command } from '../command.ts';
import { faultLabOf } from '../fault-order.ts';
import { flag, optionalArgument } from '../fields.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { durationText } from '../output/units.ts';

interface HealResultDocument {
  readonly schema: 'labctl.fault.heal/1';
  readonly faults: readonly HealedFault[];
}

interface HealedFault {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  /** healed: verified with the engine itself. already: somebody was faster. failed: it is tried again later. */
  readonly outcome: 'healed' | 'already' | 'failed';
  readonly tookMs: number;
  readonly attempts: number;
  readonly error?: string;
}

/** Of trying, each; whoever waits for this command wants to know it then. */
const limitMs = 60_000;

export const faultHeal = command({
  path: ['fault', 'heal'],
  summary: { ko: '장애를 지금 치유하고 확인', en: 'heal a fault now, and verify it' },
  impact: 'write',
  details: {
    ko: '노드가 다시 응답하고, 브로커가 ISR로 돌아오고, 스위치가 사라질 때까지 기다립니다.\n종료 코드: 0 치유됨 · 5 하나라도 치유하지 못함',
    en: 'Waits until the node answers again, the broker is back in the ISR, the switch is gone.\nExit code: 0 healed · 5 at least one could not be healed',
  },
  fields: {
    id: optionalArgument('[id]', {
      ko: '장애의 id (labctl fault list)',
      en: 'the id of the fault (labctl fault list)',
    }),
    all: flag('--all', { ko: '걸려 있는 것 모두', en: 'every active one' }),
  },
  async run({ id, all }, context): Promise<HealResultDocument> {
    const [{ healLeases }, { storeOf }, lab] = await Promise.all([
      import('../../infra/faults/heal-leases.ts'),
      import('../../infra/faults/healing.ts'),
      faultLabOf(context),
    ]);
    const store = storeOf(lab);
    const leases = chosen(store, id, all);
    const { unreadable } = id === undefined ? store.survey() : { unreadable: [] };
    const faults: HealedFault[] = [];
    let startMs = context.clock.monotonic();
    for await (const result of healLeases(leases, lab, limitMs)) {
      const lease = leases.find((one) => one.id === result.id);
      faults.push({
        id: result.id,
        kind: lease?.kind ?? '',
        target: lease?.target ?? '',
        outcome: result.state === 'gone' ? 'already' : result.state,
        tookMs: Math.round(context.clock.monotonic() - startMs),
        attempts: result.state === 'failed' ? (result.lease.failure?.attempts ?? 0) : (result.record?.attempts ?? 0),
        ...(result.state === 'failed' ? { error: messageOf(result.error) } : {}),
      });
      startMs = context.clock.monotonic();
    }
    const bad = unreadable.map(
      ({ id, error }): HealedFault => ({
        ...{ id, kind: '?', target: '?', outcome: 'failed', tookMs: 0, attempts: 0, error: error.message },
      }),
    );
    return { schema: 'labctl.fault.heal/1', faults: [...faults, ...bad] };
  },
  exitCode: ({ faults }) =>
    faults.some(({ outcome }) => outcome === 'failed') ? exitCodes.cleanupFailed : exitCodes.ok,
  text({ faults }, { language }) {
    if (faults.length === 0) return { ko: '걸려 있는 장애가 없습니다', en: 'No fault is active' }[language];
    return faults.map((fault) => lineOf(fault)[language]).join('\n');
  },
});

function lineOf({ id, kind, target, outcome, tookMs, attempts, error = '' }: HealedFault) {
  const name = `${kind} ${target} (${id})`;
  const took = durationText(tookMs);
  switch (outcome) {
    case 'healed':
      return { ko: `${name}: 치유했습니다, ${took}`, en: `${name}: healed in ${took}` };
    case 'already':
      return { ko: `${name}: 이미 치유되어 있었습니다`, en: `${name}: was healed already` };
    case 'failed':
      return {
        ko: `${name}: 치유하지 못했습니다 (시도 ${attempts}회): ${error}`,
        en: `${name}: could not be healed (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}): ${error}`,
      };
  }
}

/** One that has ended is no mistake: it was what its operator wanted. @throws UserError */
function chosen(store: FaultStore, id: string | undefined, all: boolean): readonly FaultLease[] {
  const active = store.survey().leases;
  if (all && id === undefined) return active;
  if (id === undefined || all) {
    throw new UserError(
      { ko: '장애의 id 하나나 --all이 필요합니다', en: 'it takes the id of a fault, or --all' },
      { tryThis: ['labctl fault list', 'labctl fault heal --all'] },
    );
  }
  const lease = active.find((one) => one.id === id);
  if (lease !== undefined) return [lease];
  if (store.history().some((entry) => entry.id === id)) return [];
  const meant = closest(
    id,
    active.map((one) => one.id),
  );
  throw new UserError(
    { ko: `"${id}"라는 장애는 없습니다`, en: `there is no fault "${id}"` },
    { tryThis: [meant === undefined ? 'labctl fault list' : `labctl fault heal ${meant}`] },
  );
}
