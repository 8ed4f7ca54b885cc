import { type Language, say } from '../../../../infra/text.ts';
import type { Asking } from '../../store/diagnoses.ts';
import { count, lasted } from '../../ui/format.ts';
import { cutOneLine, words } from './words.ts';

/** How far it is and for how long it has been asked: `ledger rows 1,204 / 10,000 (12%) · 3 s`. */
export function progressText({ phase, sinceMs, progress }: Asking, language: Language, nowMs: number): string {
  const parts = [
    ...(phase === 'waiting' ? [say(words.waiting, language)] : []),
    ...(progress === undefined ? [] : [progressOf(progress, language)]),
    say(lasted(Math.max(0, nowMs - sinceMs)), language),
  ];
  return parts.join(' · ');
}

function progressOf({ what, done, of }: NonNullable<Asking['progress']>, language: Language): string {
  const share = of === undefined || of <= 0 ? '' : ` / ${count(of)} (${Math.floor((100 * Math.min(done, of)) / of)}%)`;
  return `${cutOneLine(say(what, language), 40)} ${count(done)}${share}`;
}
