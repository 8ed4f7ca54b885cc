/**
 * A number is never just a number: it is known as of some moment, or it is unknown for a reason. Unknown is never 0.
 */
export type Reading<T> =
  | { readonly status: 'ok'; readonly value: T; readonly takenAtMs: number }
  | {
      readonly status: 'unknown';
      readonly reason: string;
      /** Since when it has been unknown without a break. */
      readonly sinceMs: number;
      /** The last known value, if there ever was one. */
      readonly last?: { readonly value: T; readonly takenAtMs: number };
    };

/** The two reasons that are no trouble at all: the target lacks the role, or the account lacks the right. */
export const notMapped = 'not mapped';
export const notPermitted = 'not permitted';

/** What a probe throws when a part of the target is absent; the sampler turns it into an unknown reading. */
export class UnknownValue extends Error {
  override name = 'UnknownValue';
}

/** A part of a value that may be unknown by itself: one dead engine must not blank the others. */
export type Part<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly reason: string };

export const known = <T>(value: T): Part<T> => ({ known: true, value });
export const unknownPart = <T>(reason: string): Part<T> => ({ known: false, reason });

/** What the target lacks makes a part unknown; any other failure is thrown on. */
export async function partOf<T>(reading: Promise<T>): Promise<Part<T>> {
  try {
    return known(await reading);
  } catch (error) {
    if (error instanceof UnknownValue) return unknownPart(error.message);
    throw error;
  }
}

/** Every timestamp is compared by the clock of the engine that made it: less than nothing means that clock was moved. */
export function ageMs(microseconds: bigint): Part<number> {
  return microseconds < 0n ? unknownPart('clock skew') : known(Number(microseconds) / 1000);
}

/** A total over parts of which some may be unknown: "at least `atLeast` (`unknown` of `parts` unknown)". */
export interface Total {
  readonly atLeast: bigint;
  readonly unknown: number;
  readonly parts: number;
}

export function total(parts: readonly Part<bigint>[]): Total {
  let atLeast = 0n;
  let unknown = 0;
  for (const part of parts) {
    if (part.known) atLeast += part.value;
    else unknown += 1;
  }
  return { atLeast, unknown, parts: parts.length };
}
