import type { Reading } from '../../../infra/probes/reading.ts';
import type { EngineHealth, StackHealth } from '../../../infra/probes/stack/health.ts';
import { onDemandEngines } from '../../../infra/stack/on-demand.ts';
import type { nodeNames } from '../../../infra/stack/stack.ts';
import { marks } from '../panels/panel.ts';
import { type Line, span, type Tone } from '../ui/line.ts';

/** One engine of the status line: `kafka 3/3`, `mysql ok`. */
export interface Service {
  readonly name: EngineHealth['engine'];
  readonly tone: Tone;
  /** What stands after the name: a count where there are several, else a word or a mark. */
  readonly count?: string;
}

const names = ['kafka', 'mysql', 'redis', 'registry'] as const;
const controller: (typeof nodeNames)[number] = 'kafka-controller';

/** The engines as far as they are known, those on demand where they were started; what could not be asked is `?`, never 0. */
export function servicesOf(reading: Reading<StackHealth> | undefined): readonly Service[] {
  const engines = reading?.status === 'ok' ? reading.value.engines : [];
  const expected = reading?.status === 'unknown' ? (reading.last?.value.engines ?? []) : engines;
  const started = onDemandEngines.filter((name) => expected.some(({ engine }) => engine === name));
  return [...names, ...started].map((name) => {
    const own = engines.filter(({ engine }) => engine === name);
    const brokers = own.filter((engine) => engine.name !== controller);
    const total = expected.filter((engine) => engine.engine === name && engine.name !== controller).length;
    if (own.length === 0) return { name, tone: 'unknown', ...(total > 1 ? { count: `?/${total}` } : {}) };
    return { name, tone: worst(own), ...(total > 1 ? { count: countOf(brokers) } : {}) };
  });
}

function countOf(brokers: readonly EngineHealth[]): string {
  const serving = brokers.filter(({ answer }) => answer.serves === true).length;
  const unknown = brokers.filter(({ answer }) => answer.serves === 'unknown').length;
  return `${unknown === brokers.length ? '?' : serving}${unknown > 0 && unknown < brokers.length ? '+?' : ''}/${brokers.length}`;
}

function worst(engines: readonly EngineHealth[]): Tone {
  if (engines.some(({ answer }) => answer.serves === false)) return 'critical';
  return engines.some(({ answer }) => answer.serves === 'unknown') ? 'unknown' : 'ok';
}

const wordOf: Partial<Readonly<Record<Tone, string>>> = { ok: 'ok', critical: 'down', unknown: '?' };

/** `wide` spells the state out; otherwise its mark has to do. A count that is not whole carries its mark too. */
export function serviceLine({ name, tone, count }: Service, wide: boolean): Line {
  const state = wide ? (wordOf[tone] ?? marks[tone]) : marks[tone];
  const isWhole = tone === 'ok' || tone === 'muted';
  const text = count === undefined ? state : isWhole ? count : `${count} ${marks[tone]}`;
  return [span(`${name} `, isWhole ? 'muted' : 'plain'), span(text, tone, { bold: !isWhole })];
}
