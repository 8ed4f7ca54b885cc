import { expect, test } from 'vitest';
import { systemClock, waitFor } from '../../infra/clock.ts';
import { signalProcess } from '../../infra/process.ts';
import { seededRandom } from '../domain/random.ts';
import type { WorkerSpec } from './pipeline.ts';
import { owningRelay, pairedServices, runningProcess, unapplied } from './testing/freezing.ts';
import { labAccounts, laboratory } from './testing/laboratory.ts';
import { judgedTruth } from './testing/truth.ts';

const rounds = Number(process.env.LABCTL_PROOF_ROUNDS ?? 10);
const seed = Number(process.env.LABCTL_PROOF_SEED ?? systemClock.now() % 100_000);
const transfersPerSecond = 60;
/** What waits in a healthy pipeline at this rate. */
const calmLegs = transfersPerSecond;

const writer: WorkerSpec = {
  worker: 'transfer-writer',
  name: 'transfer-writer',
  options: { ...labAccounts, runId: 'frozen', seed, transfersPerSecond },
};

test(`${rounds} times a relay and a projector are frozen under load, taken over, and woken`, async ({ annotate }) => {
  const lab = await laboratory();
  const random = seededRandom(seed);
  const pipeline = await lab.run([...pairedServices, writer]);
  const calm = () =>
    waitFor('a calm pipeline', async () => (await unapplied(lab)).waiting < calmLegs, { timeoutMs: 120_000 });
  const takeoverSeconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await calm();
    await systemClock.sleep(random() * 1_000);
    const { owner } = await owningRelay(lab);
    const projector = random() < 0.5 ? 'balance-projector' : 'balance-projector-2';
    const frozen = await Promise.all([owner, projector].map((name) => runningProcess(pipeline, name)));
    const startMs = systemClock.monotonic();
    for (const worker of frozen) await signalProcess(worker, 'SIGSTOP');
    await waitFor('what is held up', async () => (await unapplied(lab)).waiting > 2 * calmLegs, { timeoutMs: 60_000 });
    await calm();
    takeoverSeconds.push(Math.round((systemClock.monotonic() - startMs) / 100) / 10);
    const before = pipeline.incarnations(owner);
    for (const worker of frozen) await signalProcess(worker, 'SIGCONT');
    await waitFor('the relay to be started anew', () => pipeline.incarnations(owner) > before, { timeoutMs: 60_000 });
  }
  await pipeline.stop('transfer-writer');
  await waitFor('all to be applied', async () => (await unapplied(lab)).waiting === 0, { timeoutMs: 60_000 });
  const truth = await judgedTruth(lab);
  const count = (name: string): number =>
    ['balance-projector', 'balance-projector-2'].reduce(
      (sum, worker) => sum + (pipeline.counters(worker)[name] ?? 0),
      0,
    );
  await annotate(
    JSON.stringify({
      seed,
      takeoverSeconds,
      legs: truth.legs,
      lost: truth.lost.length,
      appliedTwice: truth.appliedTwice,
      drift: truth.drift,
      unsent: truth.unsent,
      redelivered: count('redelivered'),
      frozenSessionsEnded: count('frozenEnded'),
    }),
  );
  expect(truth).toMatchObject({ lost: [], appliedTwice: 0, wrongEffects: 0, deadAndApplied: [], drift: 0, unsent: 0 });
  // What the frozen ones had in hand came again.
  expect(count('redelivered')).toBeGreaterThan(0);
});
