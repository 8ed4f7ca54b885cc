import { type ProbeId, type ProbeValue, probesById } from '../../../infra/probes/index.ts';
import { notMapped, notPermitted, type Reading } from '../../../infra/probes/reading.ts';
import { historyOf, readingOf, type StandingFinding, type StoreSnapshot } from '../../../infra/probes/store.ts';
import { type Language, printable, say, type Text } from '../../../infra/text.ts';
import { tlsAdviceIn } from '../../../infra/tls-failure.ts';
import { strings } from '../strings.ts';
import type { Sample } from '../ui/chart.ts';
import { ago, lasting } from '../ui/format.ts';
import { type Line, line, span, type Tone, wrap } from '../ui/line.ts';

/**
 * A panel draws one probe. It is a record of pure functions from a known value to lines; all other states (nothing read
 * yet, not mapped, unknown) are drawn here, the same way for every panel.
 */
export interface PanelSpec<Id extends ProbeId> {
  readonly id: string;
  readonly title: Text;
  readonly probeId: Id;
  /** Lines of a known value, as many as it has; they are cut to the panel's size by whoever draws. */
  rows(value: ProbeValue<Id>, context: RowsContext): readonly Line[];
  /** The value in one line, for a panel that has no room for more. */
  summary(value: ProbeValue<Id>, context: RowsContext): Line;
  /** It has more to show in spare rows: a chart, details. */
  readonly grows?: boolean;
  /** Why there is nothing to show in a known value, if so. */
  empty?(value: ProbeValue<Id>): Text | undefined;
}

export interface RowsContext {
  readonly width: number;
  /** Rows there are; 0: it is being asked which lines it must show, without extras for spare rows. */
  readonly height: number;
  /** More lines than rows can be reached by scrolling: the panel has the screen to itself. */
  readonly scrolls: boolean;
  readonly language: Language;
  readonly nowMs: number;
  /** The trend of one of the probe's numbers, oldest first; undefined where it was unknown. */
  readonly trend: (number: string) => readonly Sample[];
  /** The tone of the worst finding about a part of the value: the one whose key names it. */
  readonly toneOf: (part: string) => Tone;
}

export type PanelState = 'waiting' | 'not-read' | 'ok' | 'empty' | 'finding' | 'not-mapped' | 'unknown';

export interface PanelView {
  readonly state: PanelState;
  /** How bad it is, for the frame and its mark. */
  readonly tone: Tone;
  /** One character that says the state without colour. */
  readonly mark: string;
  /** When what is shown was read. */
  readonly takenAtMs: number | undefined;
  readonly lines: readonly Line[];
  readonly summary: Line;
}

/** A panel whose probe's type is closed over, so that panels of all probes fit in one list. */
export interface Panel {
  readonly id: string;
  readonly title: Text;
  readonly probeId: ProbeId;
  readonly grows: boolean;
  view(frame: StoreSnapshot, area: PanelArea): PanelView;
}

export type PanelArea = Omit<RowsContext, 'trend' | 'toneOf'>;

export function panel<Id extends ProbeId>(spec: PanelSpec<Id>): Panel {
  return {
    id: spec.id,
    title: spec.title,
    probeId: spec.probeId,
    grows: spec.grows ?? false,
    view(frame, area) {
      const trend = (number: string): readonly Sample[] => {
        const history = historyOf(frame, spec.probeId, number);
        return history.length < trendSamplesMin ? [] : history.map(({ value }) => value ?? undefined);
      };
      const reading = readingOf(frame, spec.probeId);
      const findings = frame.findings.filter(({ probeId }) => probeId === spec.probeId);
      const toneOf = (part: string): Tone => toneIn(findings, part);
      return viewOf(spec, { reading, findings, context: { ...area, trend, toneOf } });
    },
  };
}

/** Fewer samples are no trend. */
const trendSamplesMin = 5;

/** Findings come critical first. Keys are dotted: `engine.kafka-2`. */
function toneIn(findings: readonly StandingFinding[], part: string): Tone {
  return findings.find(({ finding }) => finding.key.split('.').includes(part))?.finding.severity ?? 'ok';
}

/** A heading is the first thing to go when the lines do not fit. */
export const withoutHeading = (lines: readonly Line[], { height }: RowsContext): readonly Line[] =>
  height > 0 && lines.length > height ? lines.slice(1) : lines;

interface Seen<Id extends ProbeId> {
  readonly reading: Reading<ProbeValue<Id>> | undefined;
  readonly findings: readonly StandingFinding[];
  readonly context: RowsContext;
}

function viewOf<Id extends ProbeId>(spec: PanelSpec<Id>, seen: Seen<Id>): PanelView {
  const { reading, findings, context } = seen;
  if (reading === undefined) return notYetRead(spec, context);
  if (reading.status === 'unknown') return unknownView(spec, reading, context);
  const nothing = spec.empty?.(reading.value);
  const { takenAtMs } = reading;
  if (nothing !== undefined) return { ...wordsOnly('empty', say(nothing, context.language), context), takenAtMs };
  const worst = findings.some(({ finding }) => finding.severity === 'critical') ? 'critical' : 'warning';
  const isFinding = findings.length > 0;
  return {
    state: isFinding ? 'finding' : 'ok',
    tone: isFinding ? worst : 'ok',
    mark: isFinding ? marks[worst] : marks.ok,
    takenAtMs,
    lines: spec.rows(reading.value, context),
    summary: spec.summary(reading.value, context),
  };
}

/** What stands for each tone where colour cannot be relied on. */
export const marks: Readonly<Record<Tone, string>> = {
  plain: ' ',
  muted: '○',
  accent: '›',
  ok: '✓',
  warning: '!',
  critical: '✗',
  unknown: '?',
};

/** Nobody reads it by itself where that would be too much for the engine. */
function notYetRead({ probeId }: { readonly probeId: ProbeId }, context: RowsContext): PanelView {
  const { language } = context;
  return probesById[probeId].cost === 'onDemand'
    ? wordsOnly('not-read', say(strings.panelNotRead(commandFor(probeId)), language), context)
    : wordsOnly('waiting', say(strings.panelWaiting, language), context);
}

/** The command line that gives a panel's numbers. */
export const commandFor = (probeId: string): string => `labctl get ${probeId}`;

function wordsOnly(
  state: 'waiting' | 'not-read' | 'empty' | 'not-mapped',
  words: string,
  { width }: RowsContext,
): PanelView {
  return {
    state,
    tone: 'muted',
    mark: marks.muted,
    takenAtMs: undefined,
    lines: wrap(words, width).map((text) => line(text, 'muted')),
    summary: line(words, 'muted'),
  };
}

type Unknown<T> = Extract<Reading<T>, { status: 'unknown' }>;

function unknownView<Id extends ProbeId>(
  spec: PanelSpec<Id>,
  reading: Unknown<ProbeValue<Id>>,
  context: RowsContext,
): PanelView {
  const { language, nowMs, width } = context;
  if (reading.reason.startsWith(notMapped))
    return wordsOnly('not-mapped', say(strings.panelNotMapped, language), context);
  if (reading.reason.startsWith(notPermitted))
    return wordsOnly('not-mapped', say(strings.panelNotPermitted, language), context);
  const reason = printable(reading.reason);
  const forHow = say(strings.panelUnknown(lasting(nowMs - reading.sinceMs)), language);
  const head = [
    [span(`${marks.unknown} ${forHow}`, 'unknown', { bold: true })],
    ...wrap(reason, width).map((text) => line(text)),
    ...(tlsAdviceIn(reason)?.tryThis ?? []).flatMap((text) =>
      wrap(say(strings.panelTry(text), language), width).map((part) => line(part, 'muted')),
    ),
  ];
  const { last } = reading;
  const room = { ...context, height: Math.max(0, context.height - head.length - 1) };
  const tail =
    last === undefined
      ? [line(say(strings.panelNeverRead, language), 'muted')]
      : [
          line(say(strings.panelLast(ago(nowMs - last.takenAtMs)), language), 'muted'),
          ...spec.rows(last.value, room).map((row) => row.map(({ text }) => span(text, 'muted'))),
        ];
  return {
    state: 'unknown',
    tone: 'unknown',
    mark: marks.unknown,
    takenAtMs: last?.takenAtMs,
    lines: [...head, ...tail],
    summary: [span(forHow, 'unknown'), span(` · ${reason}`, 'muted')],
  };
}
