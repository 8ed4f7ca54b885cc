import { waitFor } from '../../clock.ts';
import { TimeoutError } from '../../errors.ts';
import { isAlive, type ProcessIdentity } from '../../process.ts';

/** @returns false when it is still there after `timeoutMs`. */
export async function waitUntilGone(process: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  try {
    await waitFor(`process ${process.pid} to end`, async () => !(await isAlive(process)), { timeoutMs });
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}
