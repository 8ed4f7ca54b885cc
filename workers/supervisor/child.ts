import { join } from 'node:path';
import { messageOf } from '../../infra/errors.ts';
import { identify, type NodeChild, type ProcessIdentity, spawnNode } from '../../infra/process.ts';
import { decodeFromWorker, encode, type FromWorker, type WorkerBoot } from '../protocol/messages.ts';
import { mainScriptOf, type WorkerName } from './workers.ts';

/** How a child ended. */
export interface ChildEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

export interface Child {
  readonly pid: number;
  readonly identity: ProcessIdentity | undefined;
  readonly ended: Promise<ChildEnd>;
  /** Asks it to finish; false when it is already beyond asking. */
  requestStop(): Promise<boolean>;
}

/**
 * Starts a worker and reads its messages for as long as it lives: one loop a child, because leaving the loop closes the
 * channel and, by that, ends the child.
 * @throws Error when it cannot be started at all.
 */
export async function spawnChild(
  worker: WorkerName,
  boot: WorkerBoot,
  { logDir, onMessage }: { readonly logDir: string; readonly onMessage: (message: FromWorker) => void },
): Promise<Child> {
  const { child } = await spawnNode(mainScriptOf(worker), {
    logFile: join(logDir, `${boot.name}.log`),
    env: { LABCTL_WORKER: JSON.stringify(boot), KAFKAJS_NO_PARTITIONER_WARNING: '1' },
  });
  if (child.pid === undefined) throw new Error(`${boot.name} did not start: ${messageOf((await child).cause)}`);
  void readMessages(child, onMessage);
  return {
    pid: child.pid,
    identity: await identify(child.pid),
    ended: child.then(({ exitCode, signal }) => ({ exitCode, signal })),
    async requestStop() {
      try {
        await child.sendMessage(encode({ type: 'stop' }));
        return true;
      } catch {
        return false;
      }
    },
  };
}

async function readMessages(child: NodeChild, onMessage: (message: FromWorker) => void): Promise<void> {
  try {
    for await (const message of child.getEachMessage()) onMessage(decodeFromWorker(message));
  } catch {
    // The channel broke with the child; its end says the rest.
  }
}
