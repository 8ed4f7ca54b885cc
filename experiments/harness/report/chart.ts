import type { RunEvent } from '../events.ts';

/** What happened over the time of one arm: how far each stage was, and when something died. */
export interface Timeline {
  readonly arm: string;
  readonly durationMs: number;
  readonly series: readonly Series[];
  readonly marks: readonly { readonly atMs: number; readonly label: string }[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

/** Events each stage has behind it; a transfer is two. Counted by the workers themselves, so it costs no query. */
const lines: readonly { readonly name: string; readonly counter: RegExp; readonly factor: number }[] = [
  { name: 'committed', counter: /^transfer-writer.*\.ok$/, factor: 2 },
  { name: 'sent', counter: /^outbox-relay.*\.marked$/, factor: 1 },
  { name: 'applied', counter: /^balance-projector.*\.applied$/, factor: 1 },
  { name: 'invalidated', counter: /^cache-invalidator.*\.records$/, factor: 1 },
];

/** Pure; times are relative to the arm's first event. */
export function timelinesOf(events: readonly RunEvent[]): readonly Timeline[] {
  const arms = new Map<string, RunEvent[]>();
  for (const event of events) {
    if (!('arm' in event) || event.arm === undefined || event.kind === 'arm-finished') continue;
    arms.set(event.arm, [...(arms.get(event.arm) ?? []), event]);
  }
  return [...arms].map(([arm, own]) => timelineOf(arm, own));
}

function timelineOf(arm: string, events: readonly RunEvent[]): Timeline {
  const startMs = events[0]?.atMs ?? 0;
  const samples = events.flatMap((event) => (event.kind === 'sample' ? [event] : []));
  const series = lines.map(({ name, counter, factor }) => ({
    name,
    points: samples.map(({ atMs, counters }) => {
      const matching = Object.entries(counters).filter(([key]) => counter.test(key));
      return { atMs: atMs - startMs, value: factor * matching.reduce((sum, [, value]) => sum + value, 0) };
    }),
  }));
  const marks = events.flatMap((event) => {
    if (event.kind === 'phase') return [{ atMs: event.atMs - startMs, label: event.phase }];
    if (event.kind !== 'worker' || !['killed', 'finding'].includes(event.what)) return [];
    return [{ atMs: event.atMs - startMs, label: `${event.worker} ${event.what}` }];
  });
  return { arm, durationMs: (events.at(-1)?.atMs ?? startMs) - startMs, series, marks };
}

const size = { width: 860, height: 260, left: 64, right: 12, top: 12, bottom: 92 } as const;
const colours = ['#4269d0', '#efb118', '#3ca951', '#ff725c'];

/** A self-contained SVG: lines over seconds, a dashed upright for each mark. */
export function renderChart({ durationMs, series, marks }: Timeline): string {
  const { width, height, left, right, top, bottom } = size;
  const highest = Math.max(1, ...series.flatMap(({ points }) => points.map(({ value }) => value)));
  const x = (atMs: number): string => (left + (atMs / Math.max(1, durationMs)) * (width - left - right)).toFixed(1);
  const y = (value: number): string => (height - bottom - (value / highest) * (height - top - bottom)).toFixed(1);
  const floor = y(0);
  const paths = series.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const path = points.map(({ atMs, value }) => `${x(atMs)},${y(value)}`).join(' ');
    const legend = `<text x="${left + 8 + index * 110}" y="${top + 10}" fill="${colour}">${escapeHtml(name)}</text>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${legend}`;
  });
  const uprights = marks.map(
    ({ atMs, label }) =>
      `<line x1="${x(atMs)}" y1="${top + 16}" x2="${x(atMs)}" y2="${floor}" stroke="#999" stroke-dasharray="3 3"/>` +
      `<text transform="translate(${x(atMs)} ${Number(floor) + 10}) rotate(40)" fill="#666">${escapeHtml(label)}</text>`,
  );
  const scale = [0, highest / 2, highest].map(
    (value) => `<text x="${left - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${Math.round(value)}</text>`,
  );
  const axis = `<line x1="${left}" y1="${floor}" x2="${width - right}" y2="${floor}" stroke="#666"/>`;
  return `<svg viewBox="0 0 ${width} ${height}" role="img">${axis}${scale.join('')}${uprights.join('')}${paths.join('')}</svg>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
