import { type Language, printable, say, type Text } from '../infra/text.ts';
import type { Stage, StageName, StageRow } from '../infra/trace/stages.ts';
import type { Traced, TracedEvent } from '../infra/trace/trace.ts';
import { placeLines } from './place-text.ts';

const names: Readonly<Record<StageName, Text>> = {
  ledger: { ko: '원장', en: 'ledger' },
  outbox: { ko: '아웃박스', en: 'outbox' },
  decisions: { ko: '운영자 결정', en: 'decisions' },
  record: { ko: '토픽', en: 'topic' },
  deliveries: { ko: '실패한 시도', en: 'failed deliveries' },
  deadLetter: { ko: '데드 레터', en: 'dead letter' },
  processed: { ko: 'processed_event', en: 'processed_event' },
  archive: { ko: '보관', en: 'archive' },
  effects: { ko: '효과', en: 'effects' },
  projection: { ko: '프로젝션', en: 'projection' },
  cache: { ko: '캐시', en: 'cache' },
};
const words = {
  none: { ko: '없음', en: 'none' },
  notFound: (what: string): Text => ({
    ko: `"${what}"에 해당하는 이벤트를 찾지 못했습니다`,
    en: `no event is known as "${what}"`,
  }),
  searched: { ko: '찾아본 곳', en: 'searched' },
  nameless: {
    ko: '이 레코드에는 dedup_key 헤더가 없어, 어느 이벤트인지 알 수 없습니다',
    en: 'this record has no dedup_key header: which event it is cannot be told',
  },
  unlisted: {
    ko: '이 레코드의 이벤트를 아는 테이블이 없습니다',
    en: 'no table knows the event of this record',
  },
  unfollowed: {
    ko: '이 레코드의 이벤트가 어디까지 갔는지는 알 수 없습니다',
    en: 'how far the event of this record came cannot be told',
  },
} as const;

const marks: Readonly<Record<TracedEvent['end']['is'], string>> = {
  complete: '✓',
  inFlight: '…',
  stopped: '✗',
  unknown: '?',
};
const stageMarks: Readonly<Record<Stage['status'], string>> = { there: '✓', none: '·', unknown: '?' };

/**
 * What stands at the place that was asked for, if one was; then one event after the other, each place it passes in a line,
 * and a last line that says where it is.
 */
export function traceText(traced: Traced, language: Language): string {
  const { place, events } = traced;
  const there = place === undefined ? [] : [placeLines(place, language).join('\n')];
  const told = events.length > 0 ? events.map((event) => eventText(event, language)) : [noEvent(traced, language)];
  return [...there, ...told].filter((text) => text !== '').join('\n\n');
}

function noEvent({ asked, place, searched }: Traced, language: Language): string {
  const isThere = place?.seen.known === true;
  if (isThere && place.seen.value.is !== 'record') return ''; // its line says it all
  const looked = searched.map(
    ({ what, found }) =>
      `  ${say(what, language)}: ${found.known ? countText(found.value, language) : `? ${printable(found.reason)}`}`,
  );
  const isUnread = searched.some(({ found }) => !found.known);
  const unfollowed = isUnread ? words.unfollowed : words.unlisted;
  const why = isThere ? (looked.length === 0 ? words.nameless : unfollowed) : words.notFound(printable(asked));
  return [`? ${say(why, language)}`, ...(looked.length === 0 ? [] : [say(words.searched, language), ...looked])].join(
    '\n',
  );
}

const countText = (count: number, language: Language): string =>
  count === 0 ? say(words.none, language) : String(count);

function eventText({ dedupKey, stages, end }: TracedEvent, language: Language): string {
  const start = stages.flatMap((stage) => (stage.status === 'unknown' ? [] : (stage.atMs ?? [])))[0];
  const width = Math.max(...stages.map(({ stage }) => cells(say(names[stage], language))));
  const lines = stages.flatMap((stage) => stageLines(stage, { start, width, language }));
  return [printable(dedupKey), ...lines, `${marks[end.is]} ${printable(say(end.text, language))}`].join('\n');
}

function stageLines(
  stage: Stage,
  {
    start,
    width,
    language,
  }: { readonly start: number | undefined; readonly width: number; readonly language: Language },
): readonly string[] {
  const name = say(names[stage.stage], language);
  const head = `  ${stageMarks[stage.status]} ${name}${' '.repeat(width - cells(name))}`;
  if (stage.status === 'unknown') return [`${head}  ? ${printable(stage.reason)}`];
  if (stage.rows.length === 0) return [`${head}  ${say(words.none, language)}`];
  const since =
    stage.atMs === undefined || start === undefined || stage.atMs === start
      ? ''
      : `  +${Math.round(stage.atMs - start)} ms`;
  return stage.rows.map(
    (row, index) => `${index === 0 ? head : ' '.repeat(width + 4)}  ${rowText(row)}${index === 0 ? since : ''}`,
  );
}

const rowText = (row: StageRow): string =>
  Object.entries(row)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${printable(value)}`]))
    .join(' ');

/** Hangul takes two cells. */
const cells = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/\p{Script=Hangul}/u.test(letter) ? 2 : 1), 0);
