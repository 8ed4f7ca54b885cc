import { initialsOf, keysOfText } from './jamo.ts';

/**
 * How well a typed query fits a name, lower is better; undefined when it does not. The query may be a part of the name,
 * letters of it in order, its Korean initials (`ㄷㅇㅁ` finds 도움말), or Latin letters typed with the Korean layout on.
 */
export function matchOf(query: string, name: string): number | undefined {
  const wanted = query.normalize('NFC').toLowerCase().trim();
  if (wanted === '') return 0;
  const scores = [
    scoreOf(wanted, name.normalize('NFC').toLowerCase()),
    scoreOf(wanted, initialsOf(name)),
    scoreOf(keysOfText(wanted).toLowerCase(), name.toLowerCase()),
  ].filter((score) => score !== undefined);
  return scores.length === 0 ? undefined : Math.min(...scores);
}

const scattered = 1000;
/** Letters further apart than this are a coincidence, not a match. */
const spreadMax = 8;

function scoreOf(wanted: string, name: string): number | undefined {
  const at = name.indexOf(wanted);
  if (at >= 0) return at;
  let from = -1;
  let spread = 0;
  for (const letter of wanted) {
    const next = name.indexOf(letter, from + 1);
    if (next < 0) return undefined;
    if (from >= 0) spread += next - from - 1;
    if (spread > spreadMax) return undefined;
    from = next;
  }
  return scattered + spread;
}

/** The items that padTo, the best first; items that fit equally well keep their order. */
export function bestMatches<T>(
  query: string,
  items: readonly T[],
  namesOf: (item: T) => readonly string[],
): readonly T[] {
  return items
    .map((item) => ({
      item,
      score: Math.min(...namesOf(item).map((name) => matchOf(query, name) ?? Number.POSITIVE_INFINITY)),
    }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => a.score - b.score)
    .map(({ item }) => item);
}
