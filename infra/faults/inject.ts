import { randomBytes } from 'node:crypto';
import { InterruptedError, RefusedError, UserError } from '../errors.ts';
import { identify, type ProcessIdentity } from '../process.ts';
import type { Fault, FaultLab } from './fault.ts';
import { type HealResult, healUntilDone } from './heal.ts';
import { endHealer } from './heal-leases.ts';
import { healingOn, storeOf } from './healing.ts';
import { conflictWith, type FaultLease } from './lease.ts';
import { spawnHealer } from './spawn-healer.ts';

export interface InjectOptions {
  readonly forMs: number;
  /** Shown by `fault list`: a user, a run. */
  readonly who: string;
  /** self: also the death of this process heals. nobody: time alone, so that a command may return at once. */
  readonly owner: 'self' | 'nobody';
  /** What the breaking itself may take; 20 s unless told. */
  readonly breakMs?: number;
}

export interface InjectedFault {
  readonly lease: FaultLease;
  /** What the breaking itself took: an orderly stop is not over at once. */
  readonly brokeInMs: number;
  /** Undoes it, verifies it, and ends the healer. Where that fails for two minutes, the healer goes on trying. */
  heal(): Promise<HealResult>;
}

export const leaseMsMax = 10 * 60_000;
const leaseMsMin = 500;
/** Until the healer is armed; the lease begins anew then. */
const prepareMsMax = 60_000;
/** Of waiting for another labctl that is at work on the stack; what has begun by then is brought to its end. */
const breakMsMax = 20_000;
/** Of a runner that heals by itself; then it is left to the healer. */
const ownHealLimitMs = 2 * 60_000;

/**
 * Lease first, then a healer that says it is armed, and only then the fault.
 * @throws RefusedError when something else is at work on the same thing, or the fault says no; EngineError when no healer
 * can be had or the engine refuses. Nothing is broken then.
 */
export async function injectFault(fault: Fault, lab: FaultLab, options: InjectOptions): Promise<InjectedFault> {
  const store = storeOf(lab);
  // Before the fault's own check: a frozen node "does not run", and who froze it is the better answer.
  refuseWhatIsInUse(fault, store.leases(), lab);
  await fault.check(lab);
  const { id } = await takeLease(fault, lab, options);
  let healer: ProcessIdentity;
  try {
    healer = await spawnHealer(id, lab);
  } catch (error) {
    store.remove(id);
    throw error;
  }
  const heal = () => healNow(id, lab, healer);
  try {
    return { ...(await injectOnce(id, fault, lab, options)), heal };
  } catch (error) {
    await heal(); // half a fault is one too
    throw error;
  }
}

/**
 * Healing waits for the same lock: a fault can never be injected after it was healed. Nor after its lease is over, which
 * has room for the breaking. The time that was asked for begins when that is done.
 * @throws RefusedError when it could not be broken in time.
 */
async function injectOnce(
  id: string,
  fault: Fault,
  lab: FaultLab,
  { forMs, breakMs = breakMsMax }: InjectOptions,
): Promise<Omit<InjectedFault, 'heal'>> {
  const { clock } = lab;
  const store = storeOf(lab);
  const held = await store.lockLease(id);
  try {
    const lease = store.lease(id);
    if (lease === undefined || clock.now() >= lease.expiresAtMs) throw tooLate(fault);
    const beganMs = clock.monotonic();
    const over = (phase: FaultLease['phase'], extraMs: number): FaultLease => {
      const takenAtMs = clock.now();
      return { ...lease, phase, takenAtMs, expiresAtMs: takenAtMs + extraMs + forMs };
    };
    store.write(over('breaking', breakMs));
    const late = AbortSignal.timeout(breakMs);
    try {
      await fault.inject(lab, forMs, late);
    } catch (error) {
      if (!late.aborted || !(error instanceof InterruptedError)) throw error;
      // Interrupted in its wait: there is nothing to heal, and healing would wait for the same.
      store.remove(id);
      throw tooLate(fault, error);
    }
    const broken = over('broken', 0);
    store.write(broken);
    return { lease: broken, brokeInMs: clock.monotonic() - beganMs };
  } finally {
    held.release();
  }
}

/** @throws RefusedError naming the fault that holds the same thing. */
async function takeLease(fault: Fault, lab: FaultLab, { forMs, who, owner }: InjectOptions): Promise<FaultLease> {
  if (!(forMs >= leaseMsMin && forMs <= leaseMsMax)) throw badLength(forMs);
  const store = storeOf(lab);
  const self = owner === 'self' ? await identify(process.pid) : undefined;
  const held = await store.lock();
  try {
    refuseWhatIsInUse(fault, store.leases(), lab);
    const takenAtMs = lab.clock.now();
    const { kind, parameters, target, claims } = fault;
    const lease: FaultLease = {
      id: `${kind}-${randomBytes(3).toString('hex')}`,
      ...{ kind, parameters, target, who, takenAtMs },
      claims: [...claims],
      expiresAtMs: takenAtMs + forMs + prepareMsMax,
      phase: 'preparing',
      ...(self === undefined ? {} : { owner: self }),
    };
    store.write(lease);
    return lease;
  } finally {
    held.release();
  }
}

function refuseWhatIsInUse(fault: Fault, leases: readonly FaultLease[], { clock }: FaultLab): void {
  const other = conflictWith(fault.claims, leases);
  if (other !== undefined) throw inUse(fault, other, clock.now());
}

async function healNow(id: string, lab: FaultLab, healer: ProcessIdentity): Promise<HealResult> {
  const request = { cause: 'asked', by: 'runner', dueAtMs: lab.clock.now() } as const;
  const result = await healUntilDone(id, request, healingOn(lab), { limitMs: ownHealLimitMs });
  if (result.state !== 'failed') await endHealer(healer, lab);
  return result;
}

function inUse({ target }: Fault, other: FaultLease, nowMs: number): RefusedError {
  const seconds = Math.max(0, Math.ceil((other.expiresAtMs - nowMs) / 1000));
  return new RefusedError(
    {
      ko: `${target}에는 이미 장애가 걸려 있습니다: ${other.id}`,
      en: `${target} has a fault already: ${other.id}`,
    },
    {
      why: {
        ko: `${other.kind} ${other.target} (${other.who}), ${seconds}초 남음`,
        en: `${other.kind} ${other.target} by ${other.who}, ${seconds} s left`,
      },
      tryThis: [`labctl fault heal ${other.id}`],
    },
  );
}

function tooLate({ target }: Fault, cause?: unknown): RefusedError {
  return new RefusedError(
    {
      ko: `${target}에 장애를 걸기 전에 리스가 끝났습니다`,
      en: `the lease ended before ${target} was touched`,
    },
    {
      why: {
        ko: '다른 명령이 먼저 치유했거나, 다른 labctl이 이 스택을 다루고 있어 시간이 지났습니다',
        en: 'another command healed it, or time ran out while another labctl was at work on this stack',
      },
      cause,
      tryThis: ['labctl fault list', 'labctl status'],
    },
  );
}

function badLength(forMs: number): UserError {
  return new UserError(
    { ko: `장애를 ${forMs} ms 동안 걸 수는 없습니다`, en: `a fault cannot last ${forMs} ms` },
    {
      why: {
        ko: `${leaseMsMin} ms 이상 ${leaseMsMax / 60_000}분 이하여야 합니다`,
        en: `it takes from ${leaseMsMin} ms to ${leaseMsMax / 60_000} minutes`,
      },
    },
  );
}
