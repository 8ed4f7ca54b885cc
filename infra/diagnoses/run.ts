import { type Clock, systemClock, within } from '../clock.ts';
import { commandOn } from '../command-options.ts';
import { InterruptedError, messageOf, TimeoutError } from '../errors.ts';
import { UnknownValue } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import { bounded, shortened } from '../text.ts';
import { type Answer, type AskContext, type Diagnosis, findingsMax, type NextStep } from './diagnosis.ts';

/** An answer with whose question it was and when it was asked. */
export interface Diagnosed extends Answer {
  readonly diagnosis: string;
  readonly takenAtMs: number;
  /** Why nothing could be answered at all: `not mapped`, `not permitted`, an engine's words. Absent where it was. */
  readonly reason?: string;
}

export interface DiagnoseOptions {
  readonly diagnosis: Diagnosis;
  readonly target: Target;
  readonly subject?: AskContext['subject'];
  readonly onProgress?: AskContext['onProgress'];
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Asks once. Whatever goes wrong is the reason of an unknown answer. @throws InterruptedError when `signal` aborts, and nothing else. */
export async function diagnose({
  diagnosis,
  target,
  subject = {},
  onProgress = () => {},
  signal,
  clock = systemClock,
}: DiagnoseOptions): Promise<Diagnosed> {
  const abort = new AbortController();
  const interrupted = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(new InterruptedError()), { once: true });
  });
  interrupted.catch(() => {}); // it also aborts when all is done
  const stop = (): void => abort.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    const context = { subject, signal: abort.signal, nowMs: clock.now(), onProgress };
    const asking = Promise.race([diagnosis.ask(target, context), interrupted]);
    const answer = await within(diagnosis.id, diagnosis.timeoutMs, asking, clock);
    return {
      diagnosis: diagnosis.id,
      takenAtMs: clock.now(),
      ...bounded({
        ...answer,
        findings: answer.findings.slice(0, findingsMax),
        next: answer.next.map((step) => onTarget(step, target)),
      }),
    };
  } catch (error) {
    if (signal?.aborted) throw new InterruptedError();
    const reason = reasonOf(error, diagnosis);
    return {
      diagnosis: diagnosis.id,
      takenAtMs: clock.now(),
      status: 'unknown',
      counts: {},
      findings: [],
      explanation: { ko: `답할 수 없음: ${reason}`, en: `it cannot be answered: ${reason}` },
      next: [],
      reason,
    };
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** What cannot be done on this target stays as words. */
function onTarget({ text, command }: NextStep, { commandOptions }: Target): NextStep {
  const typed = command === undefined ? undefined : commandOn(command, commandOptions);
  return typed === undefined ? { text } : { text, command: typed };
}

function reasonOf(error: unknown, { id, timeoutMs }: Diagnosis): string {
  if (error instanceof TimeoutError && error.message.startsWith(id)) return `no answer within ${timeoutMs} ms`;
  return shortened(error instanceof UnknownValue ? error.message : messageOf(error));
}
