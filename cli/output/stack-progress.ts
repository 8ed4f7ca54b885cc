import type { Clock } from '../../infra/clock.ts';
import type { OnStackEvent, StackEvent } from '../../infra/stack/stack.ts';
import type { Language, Text } from '../../infra/text.ts';

const phases = {
  starting: { ko: '시작 중', en: 'starting' },
  ready: { ko: '준비됨', en: 'ready' },
  stopping: { ko: '종료 중', en: 'stopping' },
  stopped: { ko: '종료됨', en: 'stopped' },
  start: { ko: '내려받기', en: 'fetching' },
  progress: { ko: '내려받는 중', en: 'fetching' },
  done: { ko: '받음', en: 'fetched' },
} as const satisfies Readonly<Record<string, Text>>;

export interface StackProgressOptions {
  readonly language: Language;
  readonly clock: Clock;
  /** Somebody watches: every step, and a fetch every two seconds. Else what is finished, and a fetch now and then. */
  readonly live: boolean;
  readonly print: (line: string) => void;
}

/** Turns events of `up` and `down` into lines that carry the seconds since the first. */
export function stackProgress({ language, clock, live, print }: StackProgressOptions): OnStackEvent {
  const startedMs = clock.monotonic();
  const everyMs = live ? 2_000 : 15_000;
  const lastMs = new Map<string, number>();
  return (event) => {
    const nowMs = clock.monotonic();
    if (isFetching(event)) {
      const sinceMs = nowMs - (lastMs.get(event.engine) ?? Number.NEGATIVE_INFINITY);
      if (sinceMs < everyMs) return;
      lastMs.set(event.engine, nowMs);
    } else if (!live && event.kind === 'node' && (event.phase === 'starting' || event.phase === 'stopping')) {
      return;
    }
    const seconds = ((nowMs - startedMs) / 1000).toFixed(1).padStart(7);
    print(`${seconds} s  ${lineOf(event, language)}`.trimEnd());
  };
}

function isFetching(event: StackEvent): event is StackEvent & { kind: 'fetch'; phase: 'progress' } {
  return event.kind === 'fetch' && event.phase === 'progress';
}

function lineOf(event: StackEvent, language: Language): string {
  if (event.kind === 'note') return event.note;
  const subject = event.kind === 'node' ? event.node : event.engine;
  return `${subject.padEnd(18)} ${phases[event.phase][language]}  ${event.note}`;
}
