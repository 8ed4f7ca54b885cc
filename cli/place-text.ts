import { placeName } from '../infra/kafka/place-name.ts';
import { type Language, printable, say, type Text } from '../infra/text.ts';
import type { RecordFacts, TracedPlace } from '../infra/trace/place.ts';

const words = {
  record: {
    none: { ko: '레코드가 있음', en: 'a record' },
    committed: { ko: '커밋된 트랜잭션의 레코드', en: 'a record of a transaction that was committed' },
    aborted: {
      ko: 'abort된 트랜잭션의 레코드: read_committed 컨슈머에게는 전달되지 않음',
      en: 'a record of an aborted transaction: no read_committed consumer is given it',
    },
    open: {
      ko: '아직 열려 있는 트랜잭션의 레코드: 끝날 때까지 read_committed 컨슈머는 여기서 기다림',
      en: 'a record of a transaction that is still open: read_committed consumers wait here for its end',
    },
    unknown: {
      ko: '끝난 트랜잭션의 레코드 (commit인지 abort인지는 알 수 없음)',
      en: 'a record of a transaction that has ended; whether by a commit or an abort is unknown',
    },
  },
  held: {
    ko: '앞에 열려 있는 트랜잭션이 있어 read_committed 컨슈머는 아직 읽지 못함',
    en: 'behind an open transaction: read_committed consumers are not given it yet',
  },
  marker: (marker: 'commit' | 'abort' | 'other', producer: string): Text => {
    if (marker === 'other')
      return { ko: '컨트롤 레코드: 이벤트가 아님', en: 'a control record: there is no event here' };
    return {
      ko: `프로듀서 ${producer}의 트랜잭션을 ${marker}한 마커: 이벤트가 아님`,
      en: `the marker of a transaction's ${marker} (producer ${producer}): there is no event here`,
    };
  },
  removed: { ko: '레코드 없음: 컴팩션으로 지워짐', en: 'no record: compaction has removed it' },
  deleted: (logStart: string): Text => ({
    ko: `레코드 없음: 지워짐 (로그가 ${logStart}부터 시작: 보존 기간 또는 deleteRecords)`,
    en: `no record: it was deleted, the log begins at ${logStart} (retention, or deleteRecords)`,
  }),
  unreplicated: (highWatermark: string, logEnd: string): Text => ({
    ko: `리더에 기록됐으나 아직 복제되지 않아 아무도 읽지 못함 (하이 워터마크 ${highWatermark}, 로그 끝 ${logEnd})`,
    en: `written to the leader and not replicated yet, so that nobody can read it (high watermark ${highWatermark}, log end ${logEnd})`,
  }),
  beyond: (highWatermark: string): Text => ({
    ko: `레코드 없음: 끝보다 뒤 (하이 워터마크 ${highWatermark})`,
    en: `no record: beyond the end (high watermark ${highWatermark})`,
  }),
  unknown: (reason: string): Text => ({ ko: `알 수 없음: ${reason}`, en: `unknown: ${reason}` }),
  headers: { ko: '헤더', en: 'headers' },
} as const;

/** What stands at a place, in two or three lines. */
export function placeLines(place: TracedPlace, language: Language): readonly string[] {
  const { mark, text } = saidOf(place);
  const { seen } = place;
  const facts = seen.known && seen.value.is === 'record' ? recordLines(seen.value, language) : [];
  return [
    placeName({ ...place, offset: BigInt(place.offset) }),
    `  ${mark} ${printable(say(text, language))}`,
    ...facts,
  ];
}

interface Said {
  readonly mark: string;
  readonly text: Text;
}

function saidOf({ seen, offset }: TracedPlace): Said {
  if (!seen.known) return { mark: '?', text: words.unknown(seen.reason) };
  const { value } = seen;
  switch (value.is) {
    case 'record':
      return recordSaid(value);
    case 'marker':
      return { mark: '·', text: words.marker(value.marker, value.producerId) };
    case 'removed':
      return { mark: '·', text: words.removed };
    case 'deleted':
      return { mark: '✗', text: words.deleted(value.logStart) };
    case 'beyond': {
      const { highWatermark, logEnd } = value;
      const isWritten = logEnd.known && BigInt(offset) < BigInt(logEnd.value);
      return isWritten
        ? { mark: '…', text: words.unreplicated(highWatermark, logEnd.value) }
        : { mark: '·', text: words.beyond(highWatermark) };
    }
  }
}

function recordSaid({ transaction, isHeld }: RecordFacts): Said {
  const outcome = transaction?.outcome ?? 'none';
  const text = words.record[outcome];
  if (outcome === 'aborted') return { mark: '✗', text };
  if (outcome === 'open') return { mark: '…', text };
  if (!isHeld) return { mark: '✓', text };
  const { held } = words;
  return { mark: '…', text: { ko: `${text.ko}, ${held.ko}`, en: `${text.en}, ${held.en}` } };
}

function recordLines({ timestampMs, key, bytes, headers, transaction }: RecordFacts, language: Language): string[] {
  const facts = [
    timeOf(timestampMs),
    `key=${key === null ? 'null' : oneLine(key)}`,
    `value=${bytes === null ? 'null' : `${bytes} B`}`,
    ...(transaction === null ? [] : [`producer=${transaction.producerId}`]),
  ];
  const named = headers.map(({ name, value }) => `${oneLine(name)}=${value === null ? 'null' : oneLine(value)}`);
  return [
    `    ${facts.join('  ')}`,
    ...(named.length === 0 ? [] : [`    ${say(words.headers, language)}  ${named.join(' ')}`]),
  ];
}

/** A record without one says -1; a producer may write anything. */
function timeOf(timestampMs: number): string {
  const time = new Date(timestampMs);
  return timestampMs < 0 || Number.isNaN(time.getTime())
    ? '-'
    : time.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

const oneLine = (text: string): string => printable(text).replaceAll(/\s+/g, ' ').trim();
