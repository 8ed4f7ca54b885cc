import { expect, test } from 'vitest';
import { known, unknownPart } from '../infra/probes/reading.ts';
import type { PlaceFacts, RecordFacts } from '../infra/trace/place.ts';
import type { Traced } from '../infra/trace/trace.ts';
import { traceText } from './trace-text.ts';

const record: RecordFacts = {
  is: 'record',
  timestampMs: Date.UTC(2026, 10, 24, 5, 3, 22, 140),
  key: '17',
  bytes: 123,
  headers: [
    { name: 'event_type', value: 'BalanceChanged' },
    { name: 'dedup_key', value: 'tx-1:17' },
  ],
  transaction: null,
  isHeld: false,
};

const traced = (facts: PlaceFacts, over: Partial<Traced> = {}): Traced => ({
  asked: 'orders/0/5',
  as: 'place',
  searched: [],
  events: [],
  place: { topic: 'orders', partition: 0, offset: '5', seen: known(facts) },
  ...over,
});

const by = (outcome: 'committed' | 'aborted' | 'open' | 'unknown', isHeld = false): RecordFacts => ({
  ...record,
  transaction: { producerId: '2000', outcome },
  isHeld,
});

test('a record: when, what it says of itself, and why its event cannot be followed', () => {
  const searched = [
    { what: { ko: '그 레코드의 dedup_key', en: "its record's dedup_key" }, found: unknownPart<number>('not mapped') },
  ];
  expect(traceText(traced(record, { searched }), 'en').split('\n')).toEqual([
    'orders/0/5',
    '  ✓ a record',
    '    2026-11-24 05:03:22.140 UTC  key=17  value=123 B',
    '    headers  event_type=BalanceChanged dedup_key=tx-1:17',
    '',
    '? how far the event of this record came cannot be told',
    'searched',
    "  its record's dedup_key: ? not mapped",
  ]);
  const unlisted = searched.map(({ what }) => ({ what, found: known(0) }));
  expect(
    traceText(traced(by('aborted'), { searched: unlisted }), 'en')
      .split('\n')
      .slice(-3),
  ).toEqual(['? no table knows the event of this record', 'searched', "  its record's dedup_key: none"]);
  const bare = { ...by('committed'), key: null, bytes: null, headers: [], timestampMs: -1 };
  expect(traceText(traced(bare), 'ko').split('\n')).toEqual([
    'orders/0/5',
    '  ✓ 커밋된 트랜잭션의 레코드',
    '    -  key=null  value=null  producer=2000',
    '',
    '? 이 레코드에는 dedup_key 헤더가 없어, 어느 이벤트인지 알 수 없습니다',
  ]);
});

test.each([
  [by('aborted'), '✗ a record of an aborted transaction: no read_committed', '✗ abort된 트랜잭션의 레코드'],
  [by('open', true), '… a record of a transaction that is still open', '… 아직 열려 있는 트랜잭션의 레코드'],
  [by('unknown', true), 'has ended; whether by a commit or an abort is unknown, behind', '… 끝난 트랜잭션의 레코드'],
  [{ ...record, isHeld: true }, '… a record, behind an open transaction', '… 레코드가 있음, 앞에 열려 있는 트랜잭션'],
])('%j', (facts, en, ko) => {
  expect(traceText(traced(facts), 'en')).toContain(en);
  expect(traceText(traced(facts), 'ko')).toContain(ko);
});

test.each<[PlaceFacts, string, string]>([
  [
    { is: 'marker', marker: 'abort', producerId: '2000', timestampMs: 0 },
    "  · the marker of a transaction's abort (producer 2000): there is no event here",
    '  · 프로듀서 2000의 트랜잭션을 abort한 마커: 이벤트가 아님',
  ],
  [{ is: 'removed' }, '  · no record: compaction has removed it', '  · 레코드 없음: 컴팩션으로 지워짐'],
  [
    { is: 'deleted', logStart: '9' },
    '  ✗ no record: it was deleted, the log begins at 9 (retention, or deleteRecords)',
    '  ✗ 레코드 없음: 지워짐 (로그가 9부터 시작: 보존 기간 또는 deleteRecords)',
  ],
  [
    { is: 'beyond', highWatermark: '5', logEnd: known('5') },
    '  · no record: beyond the end (high watermark 5)',
    '  · 레코드 없음: 끝보다 뒤 (하이 워터마크 5)',
  ],
  [
    { is: 'beyond', highWatermark: '5', logEnd: known('6') },
    '  … written to the leader and not replicated yet, so that nobody can read it (high watermark 5, log end 6)',
    '  … 리더에 기록됐으나 아직 복제되지 않아 아무도 읽지 못함 (하이 워터마크 5, 로그 끝 6)',
  ],
])('where no record can be read, one line says it all: %j', (facts, en, ko) => {
  expect(traceText(traced(facts), 'en')).toBe(`orders/0/5\n${en}`);
  expect(traceText(traced(facts), 'ko')).toBe(`orders/0/5\n${ko}`);
});

test('a topic that is not there; engines’ text moves no cursor', () => {
  const nowhere = { topic: 'orders', partition: 0, offset: '5', seen: unknownPart<never>('there is no such topic') };
  const lines = traceText({ ...traced(record), as: undefined, place: nowhere }, 'en').split('\n');
  expect(lines).toContain('  ? unknown: there is no such topic');
  expect(lines).toContain('? no event is known as "orders/0/5"');
  const hostile = { ...record, key: 'a\u001b[2Jb\nc', headers: [{ name: 'x\ny', value: '\u0007z' }] };
  const text = traceText(traced(hostile), 'en');
  expect(text).toContain('key=ab c');
  expect(text).toContain('headers  x y=z');
});
