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
    ko: 'dedup_key, tx_id(모든 항목), event_id 가운데 무엇이든 됩니다. 읽지 못한 곳은 그렇게 말하고 나머지는 보입니다.\n<토픽>/<파티션>/<오프셋>이면 그 자리에 무엇이 있는지(레코드, abort된 레코드, 마커, 지워짐, 끝보다 뒤) 보이고, 레코드의 dedup_key로 이어서 추적합니다.\n예: labctl trace account.balance.v1/3/1250\n종료 코드: 0 완료 또는 처리 중 · 1 멈춤 (abort된 레코드 포함) · 2 찾지 못했거나 알 수 없음',
    en: 'Takes a dedup_key, a tx_id (all its legs) or an event_id. What cannot be read says so, and the rest still shows.\n<topic>/<partition>/<offset> shows what stands there (a record, an aborted one, a marker, deleted, beyond the end) and goes on with the dedup_key of the record.\nExample: labctl trace account.balance.v1/3/1250\nExit code: 0 complete or on its way · 1 it stopped (an aborted record too) · 2 not found, or it cannot be told',
  },
  fields: {
    event: argument('<event>', {
      ko: 'dedup_key, tx_id, event_id 또는 <토픽>/<파티션>/<오프셋>',
      en: 'a dedup_key, tx_id or event_id, or <topic>/<partition>/<offset>',
    }),
  },
  async run({ event }, context): Promise<TraceResult> {
    const { traceEvent } = await import('../../infra/trace/trace.ts');
    return onLab(context, async (target) => ({
      schema: 'labctl.trace/1',
      ...(await traceEvent(target, event, { signal: context.signal })),
    }));
  },
  exitCode({ events, place }): ExitCode {
    if (events.some(({ end }) => end.is === 'stopped')) return exitCodes.finding;
    if (events.length === 0 && place !== undefined && isAborted(place)) return exitCodes.finding;
    const isTold = events.length > 0 && events.every(({ end }) => end.is !== 'unknown');
    return isTold ? exitCodes.ok : exitCodes.unknown;
  },
  text: (result, { language }) => traceText(result, language),
});

const isAborted = ({ seen }: NonNullable<Traced['place']>): boolean =>
  seen.known && seen.value.is === 'record' && seen.value.transaction?.outcome === 'aborted';
