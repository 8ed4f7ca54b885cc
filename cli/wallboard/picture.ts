import type { HistoryPoint, StandingFinding, StoreSnapshot } from '../../infra/probes/store.ts';
import { type Language, printable, type Text } from '../../infra/text.ts';

/** One line of a chart: what is known without a break up to now. Unknown is a gap, never 0. */
export interface Series {
  readonly title: string;
  readonly times: readonly string[];
  readonly values: readonly number[];
  /** The newest value; undefined while it is unknown. */
  readonly now: number | undefined;
}

/** A chart of the board: numbers of probes by `<probe id>:<number>`. */
export interface Chart {
  readonly title: Text;
  readonly keys: Readonly<Record<string, string>>;
}

export const charts = {
  flow: {
    title: { ko: '흐름', en: 'flow' },
    keys: { 'outbox.backlog:sentPerSecond': 'sent/s' },
  },
  backlog: {
    title: { ko: '밀림', en: 'backlog' },
    keys: {
      'outbox.backlog:pending': 'outbox',
      'kafka.group-lag:lag.projector': 'projector',
      'kafka.group-lag:lag.invalidator': 'invalidator',
    },
  },
  freshness: {
    title: { ko: '커밋 이후 p99 ms', en: 'p99 ms after commit' },
    keys: { 'pipeline.freshness:appliedP99Ms': 'applied', 'pipeline.freshness:cacheP99Ms': 'cache' },
  },
} as const satisfies Readonly<Record<string, Chart>>;

/** The lines of a chart that have anything known right now. */
export function seriesOf(snapshot: StoreSnapshot, { keys }: Chart): readonly Series[] {
  return Object.entries(keys).map(([key, title]) => {
    const run = knownRun(snapshot.history.get(key) ?? []);
    return {
      title,
      times: run.map(({ atMs }) => clockTime(atMs)),
      values: run.map(({ value }) => value),
      now: run.at(-1)?.value,
    };
  });
}

/** The points after the last gap. */
function knownRun(points: readonly HistoryPoint[]): { readonly atMs: number; readonly value: number }[] {
  const run: { readonly atMs: number; readonly value: number }[] = [];
  for (const { atMs, value } of points) {
    if (value === null) run.length = 0;
    else run.push({ atMs, value });
  }
  return run;
}

function clockTime(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 8);
}

/** In the order of a chart's keys. */
export const lineColours = ['cyan', 'yellow', 'magenta'] as const;

/** `sent/s 20, projector unknown`, beside the title of a chart, each name in the colour of its line (blessed's tags). */
export function legendOf(series: readonly Series[], language: Language): string {
  const unknown = { ko: '알 수 없음', en: 'unknown' }[language];
  return series
    .map(({ title, now }, index) => {
      const colour = lineColours[index] ?? 'white';
      return `{${colour}-fg}${title}{/${colour}-fg} ${now === undefined ? unknown : rounded(now)}`;
    })
    .join(', ');
}

function rounded(value: number): string {
  return String(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);
}

/** Worst first; one calm line when there are none, and another while nothing is known yet. */
export function findingLines(snapshot: StoreSnapshot, language: Language): readonly string[] {
  if (snapshot.ticks === 0) return [{ ko: '첫 값을 읽는 중…', en: 'reading for the first time …' }[language]];
  const unknown = [...snapshot.readings].flatMap(([id, reading]) =>
    reading.status === 'unknown' ? [`? ${id}: ${printable(reading.reason)}`] : [],
  );
  const findings = snapshot.findings.map((standing) => findingLine(standing, snapshot.committedAtMs ?? 0, language));
  if (findings.length + unknown.length > 0) return [...findings, ...unknown];
  return [{ ko: '이상 없음', en: 'no findings' }[language]];
}

function findingLine({ finding, sinceMs }: StandingFinding, nowMs: number, language: Language): string {
  const seconds = Math.max(0, Math.round((nowMs - sinceMs) / 1000));
  const mark = finding.severity === 'critical' ? '✗' : '!';
  const since = { ko: `${seconds}초째`, en: `for ${seconds} s` }[language];
  return `${mark} ${printable(finding.text[language])} (${since})`;
}

/** The columns with these headings, in this order; one that a table does not have is left out. */
export function columnsOf(rows: readonly (readonly string[])[], headings: readonly string[]): string[][] {
  const indexes = headings.map((heading) => rows[0]?.indexOf(heading) ?? -1).filter((index) => index !== -1);
  return rows.map((row) => indexes.map((index) => printable(row[index] ?? '')));
}
