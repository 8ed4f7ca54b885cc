import { z } from 'zod';

const processIdentity = z.object({ pid: z.number().int().positive(), startedAt: z.string() });

/** What a fault was told: plain values, so that a lease can be read by another process and another version. */
export const faultParameters = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));
export type FaultParameters = Readonly<z.infer<typeof faultParameters>>;

/**
 * The promise to undo a fault, written before anything is broken. While its file is there the fault counts as active;
 * it goes when the healing was verified.
 */
export const faultLease = z.object({
  id: z.string(),
  kind: z.string(),
  parameters: faultParameters,
  /** What is broken, in a word: a node, a worker. */
  target: z.string(),
  /** Things that no second fault may touch meanwhile: `node:kafka-2`. */
  claims: z.array(z.string()),
  /** Who asked for it, for people. */
  who: z.string(),
  /** The process whose death heals; absent where only time does. */
  owner: processIdentity.optional(),
  takenAtMs: z.number(),
  expiresAtMs: z.number(),
  /**
   * preparing: nothing is broken yet. breaking: its injector is at it; found so with a dead injector, the fault may be half
   * done and still going on (a process that was told to stop). broken: it was done.
   */
  phase: z.enum(['preparing', 'breaking', 'broken']),
  /** Healing was tried and failed so far. */
  failure: z.object({ attempts: z.number().int(), lastAtMs: z.number(), error: z.string() }).optional(),
});
export type FaultLease = Readonly<z.infer<typeof faultLease>>;

/** expired: its time was up. owner-died: its runner was gone before. asked: somebody healed it early. */
const healCauses = ['expired', 'owner-died', 'asked'] as const;
export type HealCause = (typeof healCauses)[number];

/** runner: whoever injected it. healer: the process beside it. command: another labctl. */
const healers = ['runner', 'healer', 'command'] as const;
export type HealedBy = (typeof healers)[number];

/** One line of the history: how a fault ended. */
export const healRecord = z.object({
  id: z.string(),
  kind: z.string(),
  target: z.string(),
  who: z.string(),
  takenAtMs: z.number(),
  expiresAtMs: z.number(),
  /** healed: verified. ended: the whole lab was stopped, and there was nothing left to heal. */
  outcome: z.enum(['healed', 'ended']),
  cause: z.enum(healCauses),
  by: z.enum(healers),
  /** When healing became due: time was up, the owner's death was noticed, or somebody asked. */
  dueAtMs: z.number(),
  healedAtMs: z.number(),
  attempts: z.number().int(),
  /** Of the last attempt that failed, where one did. */
  error: z.string().optional(),
});
export type HealRecord = Readonly<z.infer<typeof healRecord>>;

export const healerRecord = processIdentity;

/** @returns why it must be healed now; undefined while it may stay. */
export function dueCause(lease: FaultLease, nowMs: number, ownerIsAlive: boolean): HealCause | undefined {
  if (nowMs >= lease.expiresAtMs) return 'expired';
  return ownerIsAlive ? undefined : 'owner-died';
}

/** The lease that holds one of these claims already. */
export function conflictWith(claims: readonly string[], leases: readonly FaultLease[]): FaultLease | undefined {
  return leases.find((lease) => lease.claims.some((claim) => claims.includes(claim)));
}
