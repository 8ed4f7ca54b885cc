import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { ProcessIdentity } from '../process.ts';
import { lockProcess, type ProcessLock } from '../stack/native/process-lock.ts';
import { leaseIds, leaseSuffix } from './folder.ts';
import { type FaultLease, faultLease, type HealRecord, healerRecord, healRecord } from './lease.ts';

/** At the limit the older half goes. */
const historyLinesMax = 400;
/** Writing a line or a lease takes milliseconds. */
const folderLockMs = 30_000;
/** Until another command's healer is armed, or has failed to be. */
const healerLockMs = 60_000;
/** One attempt to heal may start a JVM on a busy machine, behind somebody else's `up`. */
const leaseLockMs = 4 * 60_000;

export interface LeaseSurvey {
  readonly leases: readonly FaultLease[];
  readonly unreadable: readonly { readonly id: string; readonly error: UserError }[];
}

/** Leases and their history as files: whoever dies, the next process finds them. Every file appears in one step. */
export interface FaultStore {
  readonly folder: string;
  /** Of every healer; their errors end here. */
  readonly healerLogFile: string;
  /** @throws UserError for the first one that cannot be read. */
  leases(): readonly FaultLease[];
  /** Those that can be read, and what is wrong with the others: one bad file must not keep the rest from being healed. */
  survey(): LeaseSurvey;
  lease(id: string): FaultLease | undefined;
  write(lease: FaultLease): void;
  /** The fault is over. */
  remove(id: string): void;
  /** The healer that said it is armed; it may be dead by now. */
  healer(id: string): ProcessIdentity | undefined;
  arm(id: string, healer: ProcessIdentity): void;
  /** The latest last. */
  history(): readonly HealRecord[];
  record(entry: HealRecord): Promise<void>;
  /** Held while leases are compared and one is added. */
  lock(): Promise<ProcessLock>;
  /** Held while the lease gets a new healer: two would not wait for each other. @throws TimeoutError */
  lockHealer(id: string): Promise<ProcessLock>;
  /** Held while a fault is being injected or healed: neither may overtake the other. @throws TimeoutError */
  lockLease(id: string): Promise<ProcessLock>;
}

export function faultStore(folder: string): FaultStore {
  const leaseFile = (id: string) => join(folder, `${id}${leaseSuffix}`);
  const healerFile = (id: string) => join(folder, `${id}.healer.json`);
  const historyFile = join(folder, 'history.ndjson');
  const locks = join(folder, 'locks');
  const lease = (id: string): FaultLease | undefined => {
    const text = readIfPresent(leaseFile(id));
    return text === undefined ? undefined : parseLease(text, leaseFile(id));
  };
  const survey = (): LeaseSurvey => {
    const leases: FaultLease[] = [];
    const unreadable: LeaseSurvey['unreadable'][number][] = [];
    for (const id of leaseIds(folder)) {
      try {
        const found = lease(id); // absent: it was healed between the two looks
        if (found !== undefined) leases.push(found);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        unreadable.push({ id, error });
      }
    }
    return { leases: leases.sort((left, right) => left.takenAtMs - right.takenAtMs), unreadable };
  };
  const lock = () => lockProcess({ file: join(locks, 'all.json'), timeoutMs: folderLockMs });
  return {
    folder,
    healerLogFile: join(folder, 'healer.log'),
    lease,
    leases() {
      const { leases, unreadable } = survey();
      if (unreadable[0] !== undefined) throw unreadable[0].error;
      return leases;
    },
    survey,
    write(next) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeInOneStep(leaseFile(next.id), `${JSON.stringify(next, undefined, 2)}\n`);
    },
    remove(id) {
      for (const file of [leaseFile(id), healerFile(id)]) rmSync(file, { force: true });
    },
    healer(id) {
      const text = readIfPresent(healerFile(id));
      return text === undefined ? undefined : healerRecord.parse(JSON.parse(text));
    },
    arm: (id, healer) => writeInOneStep(healerFile(id), JSON.stringify(healer)),
    history: () => readHistory(historyFile),
    async record(entry) {
      const held = await lock();
      try {
        appendFileSync(historyFile, `${JSON.stringify(entry)}\n`);
        const lines = (readIfPresent(historyFile) ?? '').trimEnd().split('\n');
        if (lines.length > historyLinesMax) {
          writeInOneStep(historyFile, `${lines.slice(-historyLinesMax / 2).join('\n')}\n`);
        }
      } finally {
        held.release();
      }
    },
    lock,
    lockHealer: (id) => lockProcess({ file: join(locks, `${id}.healer.json`), timeoutMs: healerLockMs }),
    lockLease: (id) => lockProcess({ file: join(locks, `${id}.json`), timeoutMs: leaseLockMs }),
  };
}

/** @throws UserError for a file that somebody edited, or that a newer labctl wrote. */
function parseLease(text: string, file: string): FaultLease {
  try {
    return faultLease.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      { ko: `장애 리스 파일을 읽을 수 없습니다: ${file}`, en: `the lease of a fault cannot be read: ${file}` },
      { cause: error, tryThis: [`rm ${file}`] },
    );
  }
}

/** A healer that was killed between the history and its lease leaves two lines: the last one counts. */
function readHistory(file: string): readonly HealRecord[] {
  const byId = new Map<string, HealRecord>();
  for (const line of (readIfPresent(file) ?? '').split('\n')) {
    const entry = parseRecord(line);
    if (entry === undefined) continue;
    byId.delete(entry.id);
    byId.set(entry.id, entry);
  }
  return [...byId.values()];
}

/** @returns undefined for a line that was cut by a crash. */
function parseRecord(line: string): HealRecord | undefined {
  try {
    return healRecord.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function writeInOneStep(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
