import { systemClock } from '../clock.ts';
import { notMapped, UnknownValue, unknownPart } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import type { Answer, AskContext, Diagnosis } from './diagnosis.ts';
import { answerOf, type Lost, type Tally } from './loss/answer.ts';
import { type AppliedRung, appliedRungs } from './loss/applied.ts';
import { type Evidence, evidenceOf } from './loss/evidence.ts';
import { judge, type Verdict } from './loss/judge.ts';
import type { Suspect } from './loss/suspects.ts';
import { sweep } from './loss/sweep.ts';
import { type Committed, readCommitted, readPlaces, seek } from './loss/topic.ts';

/** How long what seems lost may still be on its way, milliseconds. */
export interface LossPatience {
  /** Whatever seems lost is read anew after so long. */
  readonly settleMs: number;
  /**
   * A consumer that commits before it applies still has the event in hand: since its commit was seen it is given so long,
   * where no later event of the account shows that it has gone on.
   */
  readonly inHandMs: number;
}

/** Events whose evidence is read in one go. */
const atOnce = 500;

/** Events that were committed and never took effect, and where they were lost. */
export const lossWithin = (patience: LossPatience): Diagnosis => ({
  id: 'loss',
  title: { ko: '유실', en: 'Loss' },
  question: {
    ko: '원장에 커밋됐으나 반영되지 않은 이벤트가 있는가? 있다면 어디서 유실됐는가?',
    en: 'was anything committed that never took effect, and where was it lost?',
  },
  probes: ['pipeline.counts', 'pipeline.freshness', 'outbox.backlog', 'kafka.group-lag'],
  narrowsBy: ['txId', 'accountId', 'keys'],
  timeoutMs: 30 * 60_000,
  async ask(target, context): Promise<Answer> {
    const { roles, mysql } = target;
    if (roles.ledger === undefined && roles.outbox === undefined) {
      throw new UnknownValue(`${notMapped}: neither a ledger nor an outbox`);
    }
    // First of all: what lies below was in the consumer's hands before any row was read.
    const committed = await readCommitted(target);
    const committedAtMs = systemClock.monotonic();
    const rungs = await appliedRungs(mysql, roles);
    const swept = await sweep(target, context, { rungs, committed });
    const question = { rungs, committed };
    let judged = await judgeAll(target, context, { ...question, candidates: swept.candidates });
    if (judged.lost.length > 0 || judged.untold.length > 0) {
      await systemClock.sleep(patience.settleMs, context.signal);
      judged = await judgeAgain(target, context, { ...question, first: judged });
    }
    const leftMs = (): number => committedAtMs + patience.inHandMs - systemClock.monotonic();
    while (leftMs() > 0 && judged.lost.some(mayBeInHand)) {
      await systemClock.sleep(Math.min(patience.settleMs, leftMs()), context.signal);
      judged = await judgeAgain(target, context, { ...question, first: judged });
    }
    const cannotTell = new Map(judged.cannotTell);
    if (swept.leftOut > 0) cannotTell.set('there are more suspects than are looked at closely', swept.leftOut);
    const tally = {
      ...judged,
      cannotTell,
      pending: judged.pending + swept.pending + swept.unsent.pending,
      heldBack: swept.unsent.dead,
      skipped: judged.skipped + swept.unsent.skipped,
      expired: judged.expired + swept.expired,
    };
    const { legs, outboxRows } = swept;
    const hasRungs = rungs.length > 0 || roles.projection?.appliedCount !== undefined;
    return answerOf(tally, { legs, outboxRows, hasRungs });
  },
});

export const loss: Diagnosis = lossWithin({ settleMs: 3_000, inHandMs: 15_000 });

/** Passed by the group, and nothing behind it of its account was applied: its handler may simply be slow. */
const mayBeInHand = ({ kind, evidence }: Lost): boolean => kind === 'consumer' && !evidence.laterApplied;

/**
 * What seems lost is looked at once more, all of it read anew: nothing is found that was on its way a moment ago. So are
 * the few of which one look could not tell: a broker that was busy for a moment leaves nothing open.
 */
async function judgeAgain(
  target: Target,
  context: AskContext,
  { first, ...question }: { readonly first: Judged } & Omit<Question, 'candidates'>,
): Promise<Judged> {
  // Where the row stood, not where a search has found the record.
  const isFew = first.untold.length <= atOnce;
  const again = [...first.lost.map(({ suspect }) => suspect), ...(isFew ? first.untold : [])];
  const candidates = again.map((suspect) => ({
    ...suspect,
    sent: suspect.source === 'ledger' ? undefined : suspect.sent,
  }));
  const second = await judgeAll(target, context, { ...question, candidates });
  const sum = (name: 'applied' | 'pending' | 'inRetry' | 'dead' | 'skipped' | 'expired') => first[name] + second[name];
  const cannotTell = new Map(isFew ? [] : first.cannotTell);
  for (const [reason, count] of second.cannotTell) cannotTell.set(reason, (cannotTell.get(reason) ?? 0) + count);
  return {
    lost: second.lost,
    untold: isFew ? second.untold : first.untold,
    heldBack: 0,
    cannotTell,
    applied: sum('applied'),
    pending: sum('pending'),
    inRetry: sum('inRetry'),
    dead: sum('dead'),
    skipped: sum('skipped'),
    expired: sum('expired'),
  };
}

interface Judged extends Tally {
  /** Those counted in `cannotTell`. */
  readonly untold: readonly Suspect[];
}

interface Question {
  readonly candidates: readonly Suspect[];
  readonly rungs: readonly AppliedRung[];
  readonly committed: Committed;
}

async function judgeAll(
  target: Target,
  context: AskContext,
  { candidates, rungs, committed }: Question,
): Promise<Judged> {
  const { mysql, roles } = target;
  const tally = new Tallied();
  const unseen: { suspect: Suspect; evidence: Evidence }[] = [];
  for (let start = 0; start < candidates.length; start += atOnce) {
    const some = candidates.slice(start, start + atOnce);
    const places = await readPlaces(target, some, context);
    const evidences = await mysql.snapshot((reader) => evidenceOf(reader, roles, rungs, some), context);
    for (const suspect of some) {
      const evidence = evidences.get(suspect.dedupKey);
      if (evidence === undefined) continue;
      const committedThere =
        suspect.sent === undefined ? unknownPart<bigint | undefined>('no place') : committed(suspect.sent.partition);
      const at = places.get(suspect.dedupKey);
      const verdict = judge({ suspect, evidence, at, committed: committedThere }, roles.outbox?.statusValues);
      if (verdict.is === 'notProduced') unseen.push({ suspect, evidence });
      else tally.add(verdict, { suspect, evidence, committed: committedThere });
    }
  }
  if (unseen.length > 0) await judgeUnseen(target, context, { unseen, committed, tally });
  return tally;
}

/** Legs without outbox row may still have been produced, by a writer that sends by itself: the topic is asked. */
async function judgeUnseen(
  target: Target,
  context: AskContext,
  {
    unseen,
    committed,
    tally,
  }: {
    readonly unseen: readonly { suspect: Suspect; evidence: Evidence }[];
    readonly committed: Committed;
    readonly tally: Tallied;
  },
): Promise<void> {
  const sought = await seek(
    target,
    unseen.map(({ suspect }) => suspect),
    context,
  );
  for (const { suspect, evidence } of unseen) {
    const sent = sought.found.get(suspect.dedupKey);
    if (sent !== undefined) {
      const there = committed(sent.partition);
      const found = { ...suspect, sent };
      const verdict = judge(
        { suspect: found, evidence, at: { known: true, value: { status: 'same' } }, committed: there },
        undefined,
      );
      tally.add(verdict, { suspect: found, evidence, committed: there });
    } else {
      tally.add(unsought(sought, evidence), { suspect, evidence, committed: unknownPart('no place') });
    }
  }
}

function unsought(
  { incomplete, reachesBack }: { readonly incomplete: string | undefined; readonly reachesBack: boolean },
  { laterApplied }: Evidence,
): Verdict {
  if (incomplete !== undefined) return laterApplied ? { is: 'lost' } : { is: 'cannotTell', reason: incomplete };
  return reachesBack ? { is: 'notProduced' } : { is: 'expired' };
}

class Tallied implements Judged {
  readonly lost: Lost[] = [];
  readonly untold: Suspect[] = [];
  readonly cannotTell = new Map<string, number>();
  readonly heldBack = 0;
  applied = 0;
  pending = 0;
  inRetry = 0;
  dead = 0;
  skipped = 0;
  expired = 0;

  add(verdict: Verdict, seen: Omit<Lost, 'kind'>): void {
    switch (verdict.is) {
      case 'cannotTell':
        this.untold.push(seen.suspect);
        this.cannotTell.set(verdict.reason, (this.cannotTell.get(verdict.reason) ?? 0) + 1);
        break;
      case 'applied':
      case 'pending':
      case 'inRetry':
      case 'dead':
      case 'skipped':
      case 'expired':
        this[verdict.is] += 1;
        break;
      default:
        this.lost.push({ kind: verdict.is, ...seen });
    }
  }
}
