import { type Language, printable, say, type Text } from '../../../infra/text.ts';
import { marks } from '../panels/panel.ts';
import type { Fetch, NodeProgress, StartUp } from '../store/start-up.ts';
import { strings } from '../strings.ts';
import { duration } from '../ui/format.ts';
import { frame, frameColumns, frameRows } from '../ui/frame.ts';
import { blank, type Line, line, span, type Tone, wrap } from '../ui/line.ts';
import { table } from '../ui/table.ts';

export interface StartUpArea {
  readonly width: number;
  readonly height: number;
  readonly language: Language;
  readonly nowMs: number;
}

/** The engines coming up, line by line; exactly `height` lines. */
export function startUpLines(startUp: StartUp, area: StartUpArea): readonly Line[] {
  const { width, height, language, nowMs } = area;
  const inner = width - frameColumns;
  const failed = startUp.phase === 'failed';
  const sections = [
    ...failureLines(startUp, area, inner),
    ...fetchLines(startUp.fetches, area, inner),
    ...nodeLines(startUp.nodes, area, inner),
  ];
  const closing = failed ? [] : [blank, line(say(strings.startUpGoesOn, language), 'muted')];
  const rows = height - frameRows - closing.length;
  const notes = noteLines(startUp.notes, inner).slice(-Math.max(0, rows - sections.length - 1));
  const body = [...sections, ...(notes.length > 0 ? [blank, ...notes] : [])];
  // The newest is what matters when there are fewer rows than lines: the engine that is starting now.
  const shown = body.length <= rows ? body : body.slice(-rows);
  const age = duration(nowMs - startUp.startedAtMs, language);
  return frame({
    title: say(failed ? strings.startUpFailed : strings.startingUp, language),
    mark: { text: failed ? marks.critical : '◌', tone: failed ? 'critical' : 'accent' },
    note: span(age, 'muted'),
    lines: [...shown, ...closing],
    width,
    height,
    ...(failed ? { tone: 'critical' as const } : {}),
  });
}

function failureLines({ failure }: StartUp, { language }: StartUpArea, width: number): readonly Line[] {
  if (failure === undefined) return [];
  const { what, why, tryThis } = failure;
  const wrapped = (text: Text, tone: Tone, prefix = ''): readonly Line[] =>
    wrap(prefix + printable(say(text, language)), width).map((row) => line(row, tone));
  return [
    ...wrapped(what, 'critical'),
    ...(why === undefined ? [] : wrapped(why, 'plain')),
    ...tryThis.flatMap((step) => wrapped(step, 'accent', '› ')),
    blank,
  ];
}

function fetchLines(fetches: readonly Fetch[], { language, nowMs }: StartUpArea, width: number): readonly Line[] {
  if (fetches.length === 0) return [];
  const rows = fetches.map(({ engine, done, note, sinceMs, tookMs }) => [
    [span(`${done ? marks.ok : '◌'} `, done ? 'ok' : 'accent', { bold: true }), span(engine)],
    line(printable(note), 'muted'),
    line(duration(tookMs ?? nowMs - sinceMs, language), 'muted'),
  ]);
  return [
    line(say(strings.startUpFetched, language), 'plain', { bold: true }),
    ...table(rows, { width, columns: [{}, { grow: true, min: 8 }, { align: 'right' }] }),
    blank,
  ];
}

const phases: Readonly<
  Record<NodeProgress['phase'], { readonly mark: string; readonly tone: Tone; readonly text: Text }>
> = {
  waiting: { mark: marks.muted, tone: 'muted', text: strings.startUpWaiting },
  starting: { mark: '◌', tone: 'accent', text: strings.startUpStarting },
  ready: { mark: marks.ok, tone: 'ok', text: strings.startUpReady },
  stopping: { mark: '◌', tone: 'warning', text: strings.startUpStopping },
  stopped: { mark: marks.muted, tone: 'warning', text: strings.startUpStopped },
};

function nodeLines(nodes: readonly NodeProgress[], { language, nowMs }: StartUpArea, width: number): readonly Line[] {
  const rows = nodes.map(({ node, phase, note, sinceMs, tookMs }) => {
    const { mark, tone, text } = phases[phase];
    // A node that is ready says in its note how long it took.
    const took = phase === 'starting' ? nowMs - sinceMs : note === '' ? tookMs : undefined;
    return [
      [span(`${mark} `, tone, { bold: true }), span(node, phase === 'waiting' ? 'muted' : 'plain')],
      line(say(text, language), tone),
      line(printable(note), 'muted'),
      line(took === undefined ? '' : duration(took, language), 'muted'),
    ];
  });
  return [
    line(say(strings.startUpNodes, language), 'plain', { bold: true }),
    ...table(rows, { width, columns: [{}, {}, { grow: true, min: 8 }, { align: 'right' }] }),
  ];
}

const noteLines = (notes: readonly string[], width: number): readonly Line[] =>
  notes.flatMap((note) => wrap(printable(note), width).map((text) => line(text, 'muted')));
