import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { waitFor } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { identify, isAlive, type ProcessIdentity } from '../../process.ts';
import { say } from '../../text.ts';
import type { OnStackEvent } from '../stack.ts';

/**
 * A labctl that is killed takes its lock along, but not the `docker compose` that it called: that one goes on starting or
 * stopping containers. So it is written down while it works, and whoever has the lock next waits for its end.
 */
const identity = z.object({ pid: z.number(), startedAt: z.string() });

/** As long as images may take to be pulled. */
const patienceMs = 30 * 60_000;

const fileOf = ({ stateDir }: Config): string => join(stateDir, 'stack', 'docker.json');

export interface AtWork {
  /** To be called with the pid of a `docker compose`, by who holds the lock of the stack. */
  begun(pid: number): void;
  ended(): Promise<void>;
}

export function dockerAtWork(config: Config): AtWork {
  const file = fileOf(config);
  let written: Promise<void> | undefined;
  const write = async (pid: number): Promise<void> => {
    const child = await identify(pid);
    if (child === undefined) return;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(child));
  };
  return {
    begun(pid) {
      written = write(pid);
    },
    async ended() {
      await written;
      rmSync(file, { force: true });
    },
  };
}

/**
 * Holding the lock: for the end of a `docker compose` that a killed labctl left. It is not ended: stopped in the middle
 * of its work it would leave containers that nobody asked for.
 * @throws TimeoutError after half an hour; InterruptedError.
 */
export async function untilDockerRests(config: Config, onEvent: OnStackEvent, signal?: AbortSignal): Promise<void> {
  const child = readChild(fileOf(config));
  if (child === undefined) return;
  if (await isAlive(child)) onEvent({ kind: 'note', note: say(waitingText(child), config.language) });
  const waiting = { timeoutMs: patienceMs, intervalMs: 200, ...(signal === undefined ? {} : { signal }) };
  await waitFor(`docker compose (pid ${child.pid}) to end`, async () => !(await isAlive(child)), waiting);
  rmSync(fileOf(config), { force: true });
}

function readChild(file: string): ProcessIdentity | undefined {
  try {
    return identity.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

const waitingText = ({ pid }: ProcessIdentity) => ({
  ko: `강제 종료된 labctl이 부른 docker compose(pid ${pid})가 아직 일하고 있어 기다립니다`,
  en: `the docker compose (pid ${pid}) of a labctl that was killed is still at work; waiting for it`,
});
