import type { WorkerHealth, WorkersHealth } from '../../../../infra/probes/stack/workers-health.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { ago, count, perSecond } from '../../ui/format.ts';
import { flow, type Line, line, span, type Tone } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  beat: { ko: '마지막 신호', en: 'last beat' },
  unknown: { ko: '알 수 없음', en: 'unknown' },
  running: (workers: number): Text => ({ ko: `${workers}개 동작 중`, en: `${workers} running` }),
  troubled: (troubled: number, workers: number): Text => ({
    ko: `${workers}개 중 ${troubled}개에 문제`,
    en: `${troubled} of ${workers} in trouble`,
  }),
} as const;

/** What each kind of worker is there for, as the counter that says how much of it got done. */
const mainCounters: readonly (readonly [worker: string, counter: string, unit: Text])[] = [
  ['transfer-writer', 'ok', { ko: '이체', en: 'transfers' }],
  ['outbox-relay', 'acked', { ko: '전송', en: 'sent' }],
  ['balance-projector', 'applied', { ko: '반영', en: 'applied' }],
  ['cache-invalidator', 'invalidated', { ko: '무효화', en: 'cleared' }],
  ['balance-reader', 'reads', { ko: '조회', en: 'reads' }],
  ['retry-forwarder', 'forwarded', { ko: '재시도', en: 'retried' }],
  ['dlq-indexer', 'indexed', { ko: '색인', en: 'indexed' }],
];

/** One worker a line, and beneath it in its own words why it stands still. */
export function workerRows({ workers }: WorkersHealth, context: RowsContext): readonly Line[] {
  const { language, width } = context;
  const rows = table(
    workers.map((worker) => cellsOf(worker, context)),
    { width, columns: [{ grow: true }, { align: 'right' }, { align: 'right', drop: 1 }, { drop: 3 }] },
  );
  const isRoomy = context.height >= workers.length * 2 + 1;
  return workers.flatMap((worker, index) => [
    rows[index] ?? [],
    ...(isRoomy ? counterLines(worker, context) : []),
    ...worker.findings.map(({ message }): Line => [span('    '), span(printable(message), 'warning')]),
    ...(worker.beatAgeMs.known
      ? []
      : [[span('    '), span(`${say(words.unknown, language)}: ${printable(worker.beatAgeMs.reason)}`, 'unknown')]]),
  ]);
}

function cellsOf(worker: WorkerHealth, context: RowsContext): readonly Line[] {
  const { language } = context;
  const tone = toneOfWorker(worker, context);
  return [
    [span(`${marks[tone]} `, tone, { bold: true }), span(worker.worker)],
    rateOf(worker, language),
    worker.beatAgeMs.known
      ? line(say(ago(worker.beatAgeMs.value), language), tone === 'ok' ? 'muted' : tone)
      : line('?', 'unknown'),
    line(`pid ${worker.pid}${worker.mode === '' ? '' : ` · ${printable(worker.mode)}`}`, 'muted'),
  ];
}

/** What it has done since it began, for a panel with rows to spare. */
function counterLines({ counters }: WorkerHealth, { width, scrolls }: RowsContext): readonly Line[] {
  const done = Object.entries(counters).filter(([, value]) => value > 0);
  const cells = done.map(([name, value]) => line(`${name} ${count(value)}`, 'muted'));
  const lines = flow(cells, { width, indent: 4 });
  return scrolls ? lines : lines.slice(0, 1);
}

function toneOfWorker(worker: WorkerHealth, { toneOf }: RowsContext): Tone {
  const found = toneOf(worker.worker);
  if (found !== 'ok') return found;
  if (worker.findings.length > 0) return 'warning';
  return worker.beatAgeMs.known ? 'ok' : 'unknown';
}

function rateOf({ worker, perSecond: rates }: WorkerHealth, language: Language): Line {
  const main = mainCounters.find(([name]) => worker === name || worker.startsWith(`${name}-`));
  const rate = main === undefined ? undefined : rates?.[main[1]];
  return main === undefined || rate === undefined
    ? []
    : [span(`${say(main[2], language)} `, 'muted'), span(perSecond(rate))];
}

export function workerSummary({ workers }: WorkersHealth, context: RowsContext): Line {
  const troubled = workers.filter((worker) => toneOfWorker(worker, context) !== 'ok').length;
  const { language } = context;
  return troubled === 0
    ? line(say(words.running(workers.length), language))
    : line(say(words.troubled(troubled, workers.length), language), 'warning');
}
