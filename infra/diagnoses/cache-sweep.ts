import { systemClock } from '../clock.ts';
import { accountPage, openCache } from '../probes/cache/entries.ts';
import { type Look, lookAt } from '../probes/cache/look.ts';
import { askedAccounts, askedRows, cacheRoles } from '../probes/cache/staleness.ts';
import type { Target } from '../target.ts';
import type { AskContext } from './diagnosis.ts';

export interface Sweep extends Look {
  /** Every account there is, or was asked about, was looked at. */
  readonly isWhole: boolean;
}

const pageRows = 500;
const accountsMax = 20_000;
const forMs = 10_000;

/** Looks at the accounts that were asked about, else at all of them, as far as the limits allow. */
export async function sweepCache(target: Target, { subject, nowMs, onProgress, signal }: AskContext): Promise<Sweep> {
  const { role, accounts } = cacheRoles(target);
  const cache = await openCache(target);
  const context = { role, accounts, cache, before: [], nowMs };
  const asked = askedAccounts(subject, role);
  if (asked !== undefined) {
    return { ...(await lookAt(target, await askedRows(target, accounts, asked), context)), isWhole: true };
  }
  const startMs = systemClock.monotonic();
  const looks: Look[] = [];
  let after: bigint | undefined;
  for (let done = 0; done < accountsMax && systemClock.monotonic() - startMs < forMs; done += pageRows) {
    signal.throwIfAborted();
    const page = await accountPage(target.mysql, accounts, { after, limit: pageRows });
    const laterMs = systemClock.monotonic() - startMs;
    const { ttlsMs, ...look } = await lookAt(target, page, context);
    // Counted from the begin of the sweep: what runs out together must not look spread because it was read in turns.
    looks.push({ ...look, ttlsMs: ttlsMs.map((ttl) => ttl + laterMs) });
    onProgress({ what: { ko: '계좌', en: 'accounts' }, done: done + page.length, of: undefined });
    if (page.length < pageRows) return { ...summed(looks), isWhole: true };
    after = page.at(-1)?.accountId;
  }
  return { ...summed(looks), isWhole: false };
}

function summed(looks: readonly Look[]): Look {
  const sum = (count: (look: Look) => number): number => looks.reduce((total, look) => total + count(look), 0);
  const unread = sum(({ unread: part }) => part?.keys ?? 0);
  const reason = looks.flatMap(({ unread: part }) => part?.reason ?? [])[0] ?? '';
  return {
    checked: sum(({ checked }) => checked),
    fresh: sum(({ fresh }) => fresh),
    tombstones: sum(({ tombstones }) => tombstones),
    absent: sum(({ absent }) => absent),
    unread: unread === 0 ? undefined : { keys: unread, reason },
    entries: looks.flatMap(({ entries }) => entries),
    ttlsMs: looks.flatMap(({ ttlsMs }) => ttlsMs),
    withoutTtl: looks.flatMap(({ withoutTtl }) => withoutTtl),
  };
}
