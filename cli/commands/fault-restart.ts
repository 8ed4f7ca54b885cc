import { messageOf } from '../../infra/errors.ts';
import type { HealResult } from '../../infra/faults/heal.ts';
import { command } from '../command.ts';
import { faultLabOf, nodeArgument, userName } from '../fault-order.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { durationText } from '../output/units.ts';

interface RestartResult {
  readonly schema: 'labctl.fault.restart/1';
  readonly id: string;
  readonly node: string;
  /** It answers again, and a broker is in sync. */
  readonly back: boolean;
  readonly stopMs: number;
  readonly startMs: number;
  /** Why it is not back; its healer goes on trying. */
  readonly error?: string;
}

/** For the moment between stop and start: whoever dies there leaves it to the healer. */
const leaseMs = 3 * 60_000;

export const faultRestart = command({
  path: ['fault', 'restart'],
  summary: { ko: '노드를 정상 종료했다가 다시 시작', en: 'stop a node in order, and start it again' },
  impact: 'write',
  details: {
    ko: '다시 응답하고 브로커라면 ISR로 돌아올 때까지 기다립니다.\n종료 코드: 0 돌아옴 · 5 아직 돌아오지 못함',
    en: 'Waits until it answers again, and a broker until it is back in the ISR.\nExit code: 0 it is back · 5 it is not yet',
  },
  fields: { node: nodeArgument },
  async run({ node }, context): Promise<RestartResult> {
    const [{ injectFault }, { restart }, lab] = await Promise.all([
      import('../../infra/faults/inject.ts'),
      import('../../infra/faults/restart.ts'),
      faultLabOf(context),
    ]);
    const options = { forMs: leaseMs, who: await userName(), owner: 'self' } as const;
    const { lease, brokeInMs, heal } = await injectFault(restart.of({ node }), lab, options);
    const stoppedMs = context.clock.monotonic();
    const healed = await heal();
    return {
      schema: 'labctl.fault.restart/1',
      id: lease.id,
      node,
      back: healed.state !== 'failed' && healed.record?.outcome === 'healed',
      stopMs: Math.round(brokeInMs),
      startMs: Math.round(context.clock.monotonic() - stoppedMs),
      ...errorOf(healed),
    };
  },
  exitCode: ({ back }) => (back ? exitCodes.ok : exitCodes.cleanupFailed),
  text({ node, back, stopMs, startMs, error }, { language }) {
    if (!back) {
      const words = {
        ko: `${node}: 아직 돌아오지 못했습니다: ${error ?? stoppedMeanwhile.ko}`,
        en: `${node} is not back yet: ${error ?? stoppedMeanwhile.en}`,
      };
      return words[language];
    }
    const [stopped, started] = [durationText(stopMs), durationText(startMs)];
    const words = {
      ko: `${node}: 재시작했습니다 (종료 ${stopped}, 시작 ${started})`,
      en: `${node} was restarted (stopped in ${stopped}, back after ${started})`,
    };
    return words[language];
  },
});

/** Somebody else ended the fault, and not by healing it. */
const stoppedMeanwhile = { ko: '그 사이에 랩이 종료되었습니다', en: 'the lab was stopped meanwhile' } as const;

function errorOf(healed: HealResult): { readonly error?: string } {
  return healed.state === 'failed' ? { error: messageOf(healed.error) } : {};
}
