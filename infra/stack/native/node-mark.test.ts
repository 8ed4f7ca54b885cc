import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../../clock.ts';
import { isAlive, spawnDaemon, terminate } from '../../process.ts';
import { findMarked, markOf, toolMarkOf } from './node-mark.ts';

const logFile = join(tmpdir(), `labctl-mark-${process.pid}.txt`);
afterAll(() => rmSync(logFile, { force: true }));

async function sleeper(mark: Readonly<Record<string, string>>) {
  const identity = await spawnDaemon('sleep', ['60'], { logFile, env: { PATH: process.env.PATH, ...mark } });
  onTestFinished(() => terminate(identity, 1_000));
  return identity;
}

test.runIf(process.platform === 'linux')(
  'nodes and tools are found by their mark; those of another stack are not',
  async () => {
    const stackDir = join(tmpdir(), `labctl-stack-${process.pid}`);
    const redis = await sleeper(markOf(stackDir, 'redis'));
    const tool = await sleeper(toolMarkOf(stackDir));
    const foreign = await sleeper(markOf(`${stackDir}-other`, 'mysql'));
    // Between fork and exec a process still shows its parent's environment.
    const marked = await waitFor(
      'both marks',
      async () => {
        const found = await findMarked(stackDir);
        return found.nodes.size + found.tools.length === 2 ? found : undefined;
      },
      { timeoutMs: 5_000 },
    );
    expect([...marked.nodes]).toEqual([['redis', redis]]);
    expect(marked.tools).toEqual([tool]);
    expect(await isAlive(foreign)).toBe(true);
  },
);
