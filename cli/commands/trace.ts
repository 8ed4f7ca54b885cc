import type { Traced } from '../../infra/trace/trace.ts';
import { command } from '../command.ts';
import { argument } from '../fields.ts';
import { onLab } from '../lab-tables.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { traceText } from '../trace-text.ts';

interface TraceResult extends Traced {
  readonly schema: 'labctl.trace/1';
}

export const trace = command({
  path: ['trace'],
  summary: {
    ko: '이벤트 하나의 경로: 원장부터 캐시까지, 어디서 멈췄는지',
    en: "one event's way from the ledger to the cache, and where it stops",
  },
  impact: 'read',
  details: {
    ko: 'dedup_key, tx_id(모든 항목), event_id 가운데 무엇이든 됩니다. 읽지 못한 곳은 그렇게 말하고 나머지는 보입니다.\n종료 코드: 0 완료 또는 처리 중 · 1 멈춤 · 2 찾지 못했거나 알 수 없음',
    en: 'Takes a dedup_key, a tx_id (all its legs) or an event_id. What cannot be read says so, and the rest still shows.\nExit code: 0 complete or on its way · 1 it stopped · 2 not found, or it cannot be told',
  },
  fields: {
    event: argument('<event>', { ko: 'dedup_key, tx_id 또는 event_id', en: 'a dedup_key, tx_id or event_id' }),
  },
  async run({ event }, context): Promise<TraceResult> {
    const { traceEvent } = await import('../../infra/trace/trace.ts');
    return onLab(context, async (target) => ({
      schema: 'labctl.trace/1',
      ...(await traceEvent(target, event, { signal: context.signal })),
    }));
  },
  exitCode({ events }): ExitCode {
    if (events.some(({ end }) => end.is === 'stopped')) return exitCodes.finding;
    const isTold = events.length > 0 && events.every(({ end }) => end.is !== 'unknown');
    return isTold ? exitCodes.ok : exitCodes.unknown;
  },
  text: (result, { language }) => traceText(result, language),
});
