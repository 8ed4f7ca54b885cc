import { notMapped, notPermitted } from '../../../../infra/probes/reading.ts';
import { readingOf, type StoreSnapshot } from '../../../../infra/probes/store.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { marks } from '../../panels/panel.ts';
import { type DiagnosisOutline, diagnosisFor } from '../../store/diagnoses.ts';
import { strings } from '../../strings.ts';
import { ago, duration, lasting, timeOfDay } from '../../ui/format.ts';
import { type Line, line, span, type Tone, widthOfText, wrap } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';

/** Something that deserves the operator's eyes: a finding that stands, or what could not be read. */
export interface Problem {
  readonly tone: Extract<Tone, 'critical' | 'warning' | 'unknown'>;
  readonly sinceMs: number;
  readonly text: Text;
  /** Which probes say so. */
  readonly sources: readonly string[];
}

/** The worst first, then the oldest. What a target simply lacks is no problem. */
export function problemsOf(frame: StoreSnapshot): readonly Problem[] {
  const findings = frame.findings.map(({ finding, probeId, sinceMs, seenMs }): Problem => {
    const isSeen = frame.readings.get(probeId)?.status === 'ok';
    return {
      tone: finding.severity,
      sinceMs,
      text: isSeen ? finding.text : asOf(finding.text, seenMs),
      sources: [probeId],
    };
  });
  return [...findings, ...unreadable(frame)];
}

/** The probe has become unknown since: nobody knows whether the finding still holds. */
const asOf = ({ ko, en }: Text, seenMs: number): Text => ({
  ko: `${ko} (${timeOfDay(seenMs)} 기준)`,
  en: `${en} (as of ${timeOfDay(seenMs)})`,
});

/** Probes that fail for one reason (a dead engine behind them all) are one problem, not five. */
function unreadable({ readings }: StoreSnapshot): readonly Problem[] {
  const byReason = new Map<string, { probes: string[]; sinceMs: number }>();
  for (const [probeId, reading] of readings) {
    if (reading.status === 'ok' || isLack(reading.reason)) continue;
    const known = byReason.get(reading.reason) ?? { probes: [], sinceMs: reading.sinceMs };
    byReason.set(reading.reason, {
      probes: [...known.probes, probeId],
      sinceMs: Math.min(known.sinceMs, reading.sinceMs),
    });
  }
  return [...byReason].map(([reason, { probes, sinceMs }]): Problem => {
    const why = printable(reason);
    return {
      tone: 'unknown',
      sinceMs,
      text: { ko: `읽지 못함: ${why}`, en: `cannot be read: ${why}` },
      sources: probes,
    };
  });
}

/** Every engine is down: most likely nobody has started them. */
export function isAllDown(frame: StoreSnapshot): boolean {
  const health = readingOf(frame, 'stack.health');
  const engines = health?.status === 'ok' ? health.value.engines : [];
  return engines.some(({ answer }) => answer.serves === false) && engines.every(({ answer }) => answer.serves !== true);
}

export const isLack = (reason: string): boolean => reason.startsWith(notMapped) || reason.startsWith(notPermitted);

/** Less room for the words of a problem, and the way on gives way to them. */
const wordsMin = 36;

/** @param diagnoses what can be asked about a problem; each line ends in the way on. */
export function problemLines(
  problems: readonly Problem[],
  {
    width,
    language,
    nowMs,
    diagnoses = [],
  }: {
    readonly width: number;
    readonly language: Language;
    readonly nowMs: number;
    readonly diagnoses?: readonly DiagnosisOutline[];
  },
): readonly Line[] {
  const ages = problems.map(({ sinceMs }) => say(lasting(nowMs - sinceMs), language));
  const wayOn = problems.map(({ sources }) => wayOnFrom(sources, diagnoses));
  const withoutWay = width - Math.max(0, ...ages.map(widthOfText)) - 5;
  const withWay = withoutWay - Math.max(0, ...wayOn.map(widthOfText)) - 2;
  const room = withWay < wordsMin ? withoutWay : withWay;
  const rows = problems.flatMap(({ tone, text }, index): readonly (readonly Line[])[] =>
    wrap(printable(say(text, language)), room).map((words, row) => [
      row === 0 ? [span(marks[tone], tone, { bold: true })] : [],
      row === 0 ? line(ages[index] ?? '', 'muted') : [],
      line(words, tone === 'critical' ? 'critical' : 'plain'),
      row === 0 ? line(wayOn[index] ?? '', 'muted') : [],
    ]),
  );
  return table(rows, { width, columns: [{}, { align: 'right' }, { grow: true }, { drop: 1 }] });
}

/** The question to ask, with the key of its screen; else the command that shows the numbers. */
function wayOnFrom(sources: readonly string[], diagnoses: readonly DiagnosisOutline[]): string {
  const [first = ''] = sources;
  const asked = diagnosisFor(diagnoses, first);
  return asked === undefined ? `get ${first}` : `4 › diagnose ${asked.id}`;
}

/** One calm line when nothing is wrong. */
export function calmLine(
  frame: StoreSnapshot,
  {
    language,
    nowMs,
    openedAtMs,
  }: { readonly language: Language; readonly nowMs: number; readonly openedAtMs?: number },
): Line {
  const readings = [...frame.readings.values()];
  const ok = readings.filter(({ status }) => status === 'ok').length;
  if (ok === 0) return [span(` ${marks.muted} `, 'muted'), span(say(strings.noData, language), 'muted')];
  const facts: readonly Text[] = [
    { ko: `프로브 ${ok}개 정상`, en: `${ok} probes ok` },
    ...oldestUnapplied(frame),
    ...lastFinding(frame, nowMs, openedAtMs),
  ];
  return [
    span(` ${marks.ok} `, 'ok', { bold: true }),
    span(say({ ko: '이상 없음', en: 'All well' }, language), 'ok', { bold: true }),
    ...facts.flatMap((fact) => [span(' · ', 'muted'), span(say(fact, language))]),
  ];
}

/** When there was one, or how long this console has seen none. */
function lastFinding(frame: StoreSnapshot, nowMs: number, openedAtMs: number | undefined): readonly Text[] {
  if (frame.lastFindingAtMs !== undefined) {
    const when = ago(nowMs - frame.lastFindingAtMs);
    return [{ ko: `마지막 발견 ${when.ko}`, en: `last finding ${when.en}` }];
  }
  if (openedAtMs === undefined) return [];
  const since = timeOfDay(openedAtMs).slice(0, 5);
  return [{ ko: `${since}부터 발견 없음`, en: `no finding since ${since}` }];
}

function oldestUnapplied(frame: StoreSnapshot): readonly Text[] {
  const reading = readingOf(frame, 'pipeline.freshness');
  if (reading?.status !== 'ok' || !reading.value.oldestUnapplied.known) return [];
  const oldest = reading.value.oldestUnapplied.value;
  if (oldest === null) return [{ ko: '모두 반영됨', en: 'all applied' }];
  const [ko, en] = [duration(oldest.ageMs, 'ko'), duration(oldest.ageMs, 'en')];
  return [{ ko: `가장 오래된 미반영 ${ko}`, en: `oldest unapplied ${en}` }];
}
