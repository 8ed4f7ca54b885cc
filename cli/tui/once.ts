import { styleText } from 'node:util';
import { type Clock, systemClock } from '../../infra/clock.ts';
import type { Severity } from '../../infra/probes/probe.ts';
import { type ProbeStore, readingOf, type StoreSnapshot } from '../../infra/probes/store.ts';
import { type Language, say } from '../../infra/text.ts';
import { serviceLine, servicesOf } from './frame/services.ts';
import { viewIn } from './panels/framed.ts';
import type { Panel } from './panels/panel.ts';
import { lagDlqPanels } from './screens/lag-dlq/panels.ts';
import { overviewPanels } from './screens/overview/panels.ts';
import { calmLine, isAllDown, problemLines, problemsOf } from './screens/overview/problems.ts';
import type { DiagnosisOutline } from './store/diagnoses.ts';
import { strings } from './strings.ts';
import { inAscii, type Look } from './theme.ts';
import { ago, timeOfDay } from './ui/format.ts';
import { blank, cut, join, type Line, line, span, type Tone, widthOf } from './ui/line.ts';
import { table } from './ui/table.ts';

export interface SnapshotOptions {
  readonly store: ProbeStore;
  readonly profile: string;
  readonly language: Language;
  /** The key of a screen; the Overview, `0`, when absent. */
  readonly screen?: string;
  /** `colour: true` only where the text goes to a terminal. */
  readonly look: Look;
  readonly columns?: number;
  /** What can be asked about what is shown. */
  readonly diagnoses?: readonly DiagnosisOutline[];
  readonly clock?: Clock;
}

const usualColumns = 100;

/** Those of the screens, by key; the screens themselves would bring Ink along. */
const diagnoseKey = '4';
const panelsByKey: Readonly<Record<string, readonly Panel[]>> = { '3': lagDlqPanels };

/**
 * A screen as plain text, for `--once` and wherever there is no terminal to draw on. Neither Ink nor React is loaded.
 * @returns the worst of what the probes say: a finding outweighs what is unknown.
 */
export function snapshotText(options: SnapshotOptions): {
  readonly text: string;
  readonly severity: Severity | 'unknown';
} {
  const { store, language, profile, look, screen = '0', columns = usualColumns, clock = systemClock } = options;
  const { diagnoses = [] } = options;
  const frame = store.getSnapshot();
  const nowMs = clock.now();
  const problems = problemsOf(frame);
  const services = servicesOf(readingOf(frame, 'stack.health'));
  const head = (wide: boolean): Line => [
    span(`labctl ▸ ${profile}  `, 'plain', { bold: true }),
    ...join(
      services.map((service) => serviceLine(service, wide)),
      line('  '),
    ),
    span(`  ${timeOfDay(nowMs)}`),
  ];
  const lines = [
    widthOf(head(true)) <= columns ? head(true) : head(false),
    ...(problems.length === 0
      ? [calmLine(frame, { language, nowMs })]
      : [
          line(say(strings.problems(problems.length), language)),
          ...(isAllDown(frame) ? [line(say(strings.allDown, language))] : []),
          ...problemLines(problems, { width: columns, language, nowMs, diagnoses }),
        ]),
    ...(screen === diagnoseKey
      ? questionLines(diagnoses, { language, columns })
      : (panelsByKey[screen] ?? overviewPanels).flatMap((panel) =>
          section(panel, { frame, language, nowMs, columns }),
        )),
  ];
  const text = lines.map((content) => drawn(cut(content, columns), look).trimEnd()).join('\n');
  return {
    text: `${text}\n`,
    severity: severityOf(
      frame,
      problems.map(({ tone }) => tone),
    ),
  };
}

/** Nothing is asked by drawing it: what can be, and by which command. */
function questionLines(
  diagnoses: readonly DiagnosisOutline[],
  { language, columns }: { readonly language: Language; readonly columns: number },
): readonly Line[] {
  const rows = diagnoses.map(({ id, title, question }) => [
    line(`labctl diagnose ${id}`, 'accent'),
    line(say(title, language), 'plain', { bold: true }),
    line(say(question, language), 'muted'),
  ]);
  const all = [line('labctl diagnose all', 'accent'), line(say(strings.askAll, language), 'muted')];
  return [blank, ...table([...rows, all], { width: columns, columns: [{}, {}, { grow: true, min: 20, drop: 1 }] })];
}

function section(
  panel: Panel,
  { frame, language, nowMs, columns }: { frame: StoreSnapshot; language: Language; nowMs: number; columns: number },
): readonly Line[] {
  const view = viewIn(
    panel,
    { frame, language, nowMs, focusedId: '' },
    { width: columns, height: Number.MAX_SAFE_INTEGER },
  );
  const age = view.takenAtMs === undefined ? '' : `  ${say(ago(nowMs - view.takenAtMs), language)}`;
  const title: Line = [
    span(`${view.mark} `, view.tone, { bold: true }),
    span(say(panel.title, language), 'plain', { bold: true }),
    span(age, 'muted'),
  ];
  return [blank, title, ...view.lines.map((content): Line => [span('  '), ...content])];
}

function severityOf(frame: StoreSnapshot, tones: readonly Tone[]): Severity | 'unknown' {
  if (tones.includes('critical')) return 'critical';
  if (tones.includes('warning')) return 'warning';
  return tones.includes('unknown') || frame.ticks === 0 ? 'unknown' : 'ok';
}

const styles: Partial<Readonly<Record<Tone, Parameters<typeof styleText>[0]>>> = {
  muted: 'gray',
  accent: 'cyan',
  ok: 'green',
  warning: 'yellow',
  critical: 'red',
  unknown: 'magenta',
};

function drawn(content: Line, look: Look): string {
  return content
    .map(({ text, tone = 'plain' }) => {
      const shown = look.ascii ? inAscii(text) : text;
      const style = look.colour ? styles[tone] : undefined;
      return style === undefined ? shown : styleText(style, shown, { validateStream: false });
    })
    .join('');
}
