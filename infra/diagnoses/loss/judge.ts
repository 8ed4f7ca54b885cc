import type { Part } from '../../probes/reading.ts';
import type { Evidence } from './evidence.ts';
import type { Suspect } from './suspects.ts';

/** Where an event was lost. */
export type LossKind =
  /** In the ledger, and neither in the outbox nor in the topic. */
  | 'notProduced'
  /** SENT, and its log no longer has it, or has another event in its place. */
  | 'truncated'
  /** SENT, and its offset holds no record: compacted away, or its transaction aborted. */
  | 'removed'
  /** In the topic, passed by the consumer, and applied nowhere. */
  | 'consumer'
  /** A later event of its account is applied, this one nowhere; where it was lost cannot be seen. */
  | 'lost';

export type Verdict =
  | { readonly is: 'applied' | 'inRetry' | 'dead' | 'skipped' | 'expired' }
  /** On its way. */
  | { readonly is: 'pending' }
  | { readonly is: 'cannotTell'; readonly reason: string }
  | { readonly is: LossKind };

/** What the topic tells of the place at which the event should stand, read after its row was. */
export type AtPlace =
  | { readonly status: 'same' | 'another' | 'gap' | 'expired' }
  /** Between high watermark and log end: its replicas do not have it yet. */
  | { readonly status: 'unreplicated' }
  /** At or above the log end. */
  | { readonly status: 'cutOff' };

export interface Seen {
  readonly suspect: Suspect;
  readonly evidence: Evidence;
  /** Of the place it was sent to; undefined where no place is known. */
  readonly at: Part<AtPlace> | undefined;
  /** What the group had committed there before anything else was read; undefined: nothing yet. */
  readonly committed: Part<bigint | undefined>;
}

/**
 * A ledger leg without outbox row needs no more proof after so long: its producer wrote it in the same transaction, or
 * right behind it. Where a later leg of its account is applied already, a few seconds do.
 */
export const producedWithinMs = 60_000;
export const overtakenAfterMs = 5_000;

export interface StatusValues {
  readonly sent: string;
  readonly skipped: string;
}

/** Pure: what became of an event that stood in no table as applied. */
export function judge(seen: Seen, statusValues: StatusValues | undefined): Verdict {
  const { suspect, evidence, at } = seen;
  if (evidence.applied) return { is: 'applied' };
  const byProjection = projected(evidence);
  if (byProjection !== undefined) return byProjection;
  if (evidence.failure !== undefined) return { is: evidence.failure };
  const status = evidence.outbox?.status;
  if (status !== undefined && status !== statusValues?.sent) {
    return { is: status === statusValues?.skipped ? 'skipped' : 'pending' };
  }
  if (at !== undefined) return byPlace(at, seen);
  return evidence.outbox === undefined ? notInOutbox(suspect, evidence) : withoutPlace(evidence, suspect);
}

/** What the projection alone tells: folded in by a backfill, or older than the journal. */
function projected({ leg, projection, beforeJournal }: Evidence): Verdict | undefined {
  if (leg?.seq === undefined || projection === undefined) return undefined;
  if (projection.foldedSeq >= leg.seq) return { is: 'applied' };
  if (!beforeJournal || projection.version < leg.seq) return undefined;
  if (projection.appliedCount >= projection.version) return { is: 'applied' };
  return { is: 'cannotTell', reason: 'older than the journal of effects, and its account is not complete' };
}

function byPlace(at: Part<AtPlace>, { suspect, evidence, committed }: Seen): Verdict {
  if (!at.known) return overtaken(suspect, evidence) ?? { is: 'cannotTell', reason: at.reason };
  switch (at.value.status) {
    case 'expired':
      return { is: 'expired' };
    case 'unreplicated':
      return { is: 'pending' };
    case 'cutOff':
    case 'another':
      return { is: 'truncated' };
    case 'gap':
      return { is: 'removed' };
    case 'same':
      if (!committed.known) return overtaken(suspect, evidence) ?? { is: 'cannotTell', reason: committed.reason };
      return { is: isPassed(suspect, committed.value) ? 'consumer' : 'pending' };
  }
}

const isPassed = ({ sent }: Suspect, committed: bigint | undefined): boolean =>
  sent !== undefined && committed !== undefined && sent.offset < committed;

function overtaken({ ageMs }: Suspect, { laterApplied }: Evidence): Verdict | undefined {
  return laterApplied && ageMs >= producedWithinMs ? { is: 'lost' } : undefined;
}

/** SENT, and nothing says where to. */
function withoutPlace(evidence: Evidence, suspect: Suspect): Verdict {
  return overtaken(suspect, evidence) ?? { is: 'cannotTell', reason: 'the outbox does not tell where it was sent to' };
}

/** To be looked for in the topic before it is believed. */
function notInOutbox({ ageMs }: Suspect, { laterApplied }: Evidence): Verdict {
  const isDue = ageMs >= producedWithinMs || (laterApplied && ageMs >= overtakenAfterMs);
  return { is: isDue ? 'notProduced' : 'pending' };
}
