import { readingOf } from '../../../infra/probes/store.ts';
import { say } from '../../../infra/text.ts';
import { marks } from '../panels/panel.ts';
import { type ConsoleState, mayWrite } from '../store/state.ts';
import { strings } from '../strings.ts';
import { ago, countdown, lasted, lasting, timeOfDay } from '../ui/format.ts';
import { cut, join, type Line, line, span, spread, widthOf } from '../ui/line.ts';
import { type Service, serviceLine, servicesOf } from './services.ts';

/** The sampler ticks once a second; with nothing new for this long, what is on the screen is old. */
const staleAfterMs = 3_500;

/** Where you are, what you look at, whether it can be trusted, and the time: in exactly one line. */
export function statusLine(state: ConsoleState, crumbs: readonly string[]): Line {
  const { columns } = state.size;
  const left: Line = [span(' labctl', 'accent', { bold: true }), ...crumbs.flatMap(crumb)];
  const fits = variants(state).find((right) => widthOf(left) + widthOf(right) + 2 <= columns);
  const right = fits ?? [];
  return cut(spread(left, [...right, span(' ')], columns), columns);
}

const crumb = (name: string): Line => [span(' ▸ ', 'muted'), span(name, 'plain', { bold: true })];

/** From the fullest to the tersest; the first that fits is shown. */
function variants(state: ConsoleState): readonly Line[] {
  const isStarting = state.startUpShown && state.startUp.phase === 'running';
  const services = servicesOf(readingOf(state.frame, 'stack.health')).map((service) =>
    isStarting && service.tone !== 'ok' ? comingUp(service) : service,
  );
  const enginesOf = (wide: boolean): readonly Line[] => services.map((service) => serviceLine(service, wide));
  const troubled = services.filter(({ tone }) => tone !== 'ok').map((service) => serviceLine(service, false));
  const profile = line(state.profile, 'accent', { bold: true });
  const mode = modeOf(state);
  const broken = faultOf(state);
  const fresh = freshness(state);
  const [time, minutes] = [timeOfDay(state.nowMs), timeOfDay(state.nowMs).slice(0, 5)].map((text) => line(text));
  const gapped = (gap: string, ...parts: readonly Line[]): Line =>
    join(
      parts.filter((part) => part.length > 0),
      line(gap),
    );
  return [
    gapped('   ', profile, gapped('  ', ...enginesOf(true)), broken, mode, fresh, time ?? []),
    gapped('  ', profile, gapped('  ', ...enginesOf(false)), broken, mode, fresh, time ?? []),
    gapped(' ', profile, gapped(' ', ...enginesOf(false)), broken, mode, fresh, minutes ?? []),
    gapped(' ', profile, gapped(' ', ...enginesOf(false)), broken, mode, fresh),
    gapped(' ', profile, gapped(' ', ...troubled), broken, mode, fresh, minutes ?? []),
    gapped(' ', gapped(' ', ...troubled), broken, mode, fresh),
    gapped(' ', broken, mode, fresh),
    gapped(' ', mode, fresh),
    fresh,
  ];
}

/** What is broken on purpose, and for how long still: the reason for most of what is red. */
function faultOf({ faults, nowMs, language }: ConsoleState): Line {
  const [first, ...others] = faults;
  if (first === undefined) return [];
  const leftMs = first.expiresAtMs - nowMs;
  const words = strings.fault(
    `${first.target} ${first.kind}`,
    leftMs > 0 ? lasted(leftMs) : strings.faultHealing,
    others.length,
  );
  return line(say(words, language), 'warning', { bold: true });
}

/** What keys can do: nothing but look, or for so long change the lab. */
function modeOf(state: ConsoleState): Line {
  const { writeUntilMs = 0, nowMs, language } = state;
  if (!mayWrite(state, nowMs)) return line(say(strings.readOnly, language), 'ok');
  return line(` ${say(strings.writes(countdown(writeUntilMs - nowMs)), language)} `, 'warning', {
    inverse: true,
    bold: true,
  });
}

/** An engine that is being started is not down. */
const comingUp = ({ name }: Service): Service => ({ name, tone: 'muted', count: '◌' });

/** How old the newest data is; a badge while the view is frozen. */
function freshness(state: ConsoleState): Line {
  const { frozen, frame, nowMs, language } = state;
  if (frozen !== undefined) {
    const badge = say(strings.frozen(lasted(nowMs - frozen.sinceMs)), language);
    return line(` ${badge} `, 'warning', { inverse: true, bold: true });
  }
  if (frame.committedAtMs === undefined) return line(`${marks.muted} ${say(strings.noData, language)}`, 'muted');
  const ageMs = Math.max(0, nowMs - frame.committedAtMs);
  if (ageMs < staleAfterMs) return [span('● ', 'ok'), span(say(ago(ageMs), language))];
  return line(`○ ${say(strings.stale(lasting(ageMs)), language)}`, 'warning', { bold: true });
}
