import { type Language, say } from '../text.ts';
import { lockProcess } from './native/process-lock.ts';
import type { OnStackEvent } from './stack.ts';

/** Long enough for a first fetch over a slow line, by another labctl. */
const lockTimeoutMs = 30 * 60_000;

export interface HoldOptions {
  readonly language: Language;
  readonly onEvent: OnStackEvent;
  readonly signal: AbortSignal | undefined;
}

/**
 * One `up`, `down` or `start` at a time: the next waits, says so, and then finds the work done.
 * @throws TimeoutError when the other keeps it for half an hour; InterruptedError; whatever the work throws.
 */
export async function holdingStack(
  lockFile: string,
  work: () => Promise<void>,
  { language, onEvent, signal }: HoldOptions,
): Promise<void> {
  const lock = await lockProcess({
    file: lockFile,
    timeoutMs: lockTimeoutMs,
    onWait: ({ pid }) => onEvent({ kind: 'note', note: say(waitingText(pid), language) }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    await work();
  } finally {
    lock.release();
  }
}

const waitingText = (pid: number) => ({
  ko: `다른 labctl(pid ${pid})이 이 스택을 다루고 있어 기다립니다`,
  en: `another labctl (pid ${pid}) is at work on this stack; waiting for it`,
});
