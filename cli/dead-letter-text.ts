import type { Delivery, Handled, IndexedLetter, Place } from '../infra/dead-letters/index-rows.ts';
import type { Bytes, LetterRecord, LetterValue } from '../infra/dead-letters/record.ts';
import { type Language, printable, type Text } from '../infra/text.ts';
import { hexDump } from './output/hex-dump.ts';
import { toJson } from './output/json.ts';
import { plainTable } from './output/table.ts';
import { durationText } from './output/units.ts';

const words = {
  message: { ko: '메시지', en: 'message' },
  group: { ko: '묶음', en: 'group' },
  eventType: { ko: '이벤트 종류', en: 'event type' },
  eventId: { ko: '이벤트 id', en: 'event id' },
  dedupKey: { ko: '중복 제거 키', en: 'dedup key' },
  key: { ko: '키', en: 'key' },
  died: { ko: '죽은 때', en: 'died' },
  failed: { ko: '실패한 때', en: 'failed' },
  inDlq: { ko: 'DLQ 위치', en: 'in the DLQ' },
  origin: { ko: '출처', en: 'origin' },
  handled: { ko: '그 뒤 처리됨', en: 'handled since' },
  deliveries: { ko: '시도', en: 'deliveries' },
  headers: { ko: '헤더', en: 'headers' },
  value: { ko: '값', en: 'value' },
  none: { ko: '없음', en: 'none' },
  deliveryHeading: {
    ko: ['시도', '위치', '실패한 때 (UTC)', '보낸 곳', '기한 (UTC)', '예외', '메시지'],
    en: ['ATTEMPT', 'WHERE', 'FAILED AT (UTC)', 'WENT TO', 'DUE (UTC)', 'EXCEPTION', 'MESSAGE'],
  },
  gone: {
    expired: {
      ko: '레코드는 보존 기간이 지나 토픽에서 지워졌습니다',
      en: 'the record has expired: retention deleted it from the topic',
    },
    beyond: {
      ko: '토픽의 끝이 이 오프셋보다 앞입니다: 잘려 나갔거나 다른 토픽입니다',
      en: 'the topic ends before this offset: it was cut off, or is another topic now',
    },
    gap: { ko: '이 오프셋에 레코드가 없습니다', en: 'no record stands at this offset' },
    another: {
      ko: '이 오프셋에 다른 레코드가 있습니다: 토픽이 다시 만들어졌습니다',
      en: 'another record stands at this offset: the topic was made anew',
    },
  },
} as const;

export interface LetterParts {
  readonly letter: IndexedLetter;
  readonly deliveries: readonly Delivery[];
  readonly handled: readonly Handled[];
  readonly record: LetterRecord;
}

/** One dead letter on a page. */
export async function letterText(parts: LetterParts, language: Language): Promise<string> {
  const { letter, deliveries, handled, record } = parts;
  const facts = factsOf(letter, handled, language);
  const sections = [
    titleOf(letter, language),
    (await plainTable(facts.map(([name, value]) => [`  ${name}`, value]))).trimEnd(),
    '',
    `${words.deliveries[language]}${deliveries.length === 0 ? `  ${words.none[language]}` : ''}`,
    ...(deliveries.length === 0 ? [] : [await deliveryTable(deliveries, language)]),
    '',
    await recordText(record, language),
  ];
  return sections.join('\n');
}

function titleOf({ id, class: name, rule, exception }: IndexedLetter, language: Language): string {
  const by = { ko: `규칙 ${rule}`, en: `by the rule ${rule}` }[language];
  return {
    ko: `데드 레터 ${id}  ${name} · ${exception}  (${by})`,
    en: `dead letter ${id}  ${name} · ${exception}  (${by})`,
  }[language];
}

function factsOf(letter: IndexedLetter, handled: readonly Handled[], language: Language): [string, string][] {
  const { origin, attempt, consumer, copies } = letter;
  const ago = letter.ageMs < 0 ? '?' : durationText(letter.ageMs);
  const by = consumer === null ? '' : `, ${consumer}`;
  const nth = { ko: `${attempt}번째 시도`, en: `attempt ${attempt}` }[language];
  const twice = { ko: `, 사본 ${copies}개 중 최근`, en: `, the newest of ${copies} copies` }[language];
  const facts: [Text, string | null][] = [
    [words.message, letter.message],
    [words.group, letter.fingerprint],
    [words.eventType, letter.eventType],
    [words.eventId, letter.eventId],
    [words.dedupKey, letter.dedupKey],
    [words.key, letter.recordKey],
    [words.died, `${letter.deadAt} UTC (${{ ko: `${ago} 전`, en: `${ago} ago` }[language]})`],
    [words.failed, letter.failedAt === null ? null : `${letter.failedAt} UTC`],
    [words.inDlq, `${placeText(letter.place, language)}${copies > 1 ? twice : ''}`],
    [words.origin, `${placeText(origin, language)}, ${nth}${by}`],
    ...handled.map(({ outcome, processedAt, place, consumer: who }): [Text, string] => [
      words.handled,
      `${outcome} ${processedAt} UTC, ${placeText(place, language)}, ${who}`,
    ]),
  ];
  return facts.map(([name, value]) => [name[language], oneLine(value ?? '-')]);
}

function placeText({ topic, partition, offset }: Place, language: Language): string {
  return language === 'ko'
    ? `${topic} 파티션 ${partition} 오프셋 ${offset}`
    : `${topic} partition ${partition} offset ${offset}`;
}

async function deliveryTable(deliveries: readonly Delivery[], language: Language): Promise<string> {
  const rows = deliveries.map(({ attempt, place, failedAt, rung, dueAt, exception, message }) => [
    `  ${attempt}`,
    `${place.topic}/${place.partition}@${place.offset}`,
    secondsOf(failedAt),
    rung,
    dueAt === null ? '-' : secondsOf(dueAt),
    exception,
    oneLine(message),
  ]);
  const [first, ...rest] = words.deliveryHeading[language];
  return plainTable([[`  ${first}`, ...rest], ...rows]);
}

/** Tenths are enough for people; `--json` has all of it. */
const secondsOf = (time: string): string => time.slice(0, 21);

async function recordText(record: LetterRecord, language: Language): Promise<string> {
  if (record.status === 'unknown') {
    return { ko: `${words.value.ko}  알 수 없음: ${record.reason}`, en: `value  unknown: ${record.reason}` }[language];
  }
  if (record.status === 'gone') return `${words.value[language]}  ${words.gone[record.reason][language]}`;
  const headers = record.headers.map(({ name, value }) => [`  ${name}`, value === null ? 'null' : shownBytes(value)]);
  return [
    `${words.headers[language]}${headers.length === 0 ? `  ${words.none[language]}` : ''}`,
    ...(headers.length === 0 ? [] : [await plainTable(headers)]),
    '',
    valueText(record.value, language),
  ].join('\n');
}

function valueText(value: LetterValue, language: Language): string {
  const title = words.value[language];
  if (value.status === 'none') return `${title}  null`;
  const bytes = { ko: `${value.bytes}바이트`, en: `${value.bytes} bytes` }[language];
  if (value.status === 'decoded') {
    const by = { ko: `스키마 ${value.schemaId}`, en: `schema ${value.schemaId}` }[language];
    return `${title}  (${bytes}, ${by})\n${indented(printable(toJson(value.content, { pretty: true })))}`;
  }
  const shown = value.hex.length / 2;
  const cut = { ko: `, 처음 ${shown}바이트`, en: `, the first ${shown} of them` }[language];
  const why = { ko: '풀 수 없음', en: 'cannot be decoded' }[language];
  const dump = value.hex === '' ? '' : `\n${indented(hexDump(value.hex))}`;
  return `${title}  (${bytes}${shown < value.bytes ? cut : ''}) ${why}: ${value.reason}${dump}`;
}

const shownBytes = (bytes: Bytes): string => ('text' in bytes ? oneLine(bytes.text) : `0x${bytes.hex}`);
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const indented = (text: string): string => text.replaceAll(/^/gm, '  ');
