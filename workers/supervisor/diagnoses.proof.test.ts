import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock, waitFor } from '../../infra/clock.ts';
import type { Diagnosis } from '../../infra/diagnoses/diagnosis.ts';
import { diagnoses } from '../../infra/diagnoses/index.ts';
import { type Diagnosed, diagnose } from '../../infra/diagnoses/run.ts';
import { type LabTarget, labTarget } from '../../infra/target.ts';
import type { WorkerSpec } from './pipeline.ts';
import { plantings } from './testing/diagnosis-plantings.ts';
import { type Laboratory, labAccounts, laboratory } from './testing/laboratory.ts';
import { nameOf } from './testing/planting.ts';
import { plantBlockedEvents } from './testing/stack-plantings.ts';

/** Half of what two cores sustain. */
const transfersPerSecond = Number(process.env.LABCTL_PROOF_RATE ?? 50);
const soakMinutes = Number(process.env.LABCTL_SOAK_MINUTES ?? 2);
const seed = Number(process.env.LABCTL_PROOF_SEED ?? systemClock.now() % 100_000);

const pipelineUnderLoad: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: {} },
  { worker: 'retry-forwarder', name: 'retry-forwarder', options: {} },
  { worker: 'dlq-indexer', name: 'dlq-indexer', options: {} },
  { worker: 'cache-invalidator', name: 'cache-invalidator', options: {} },
  { worker: 'balance-reader', name: 'balance-reader', options: { ...labAccounts, readsPerSecond: 50 } },
  {
    worker: 'transfer-writer',
    name: 'transfer-writer',
    options: { ...labAccounts, runId: 'proof', seed, transfersPerSecond },
  },
];

interface Asked {
  asked: number;
  msMax: number;
  readonly statuses: Record<Diagnosed['status'], number>;
  reason: string | undefined;
  readonly findings: string[];
}

/** What this stack has not: there it must not say clean. */
const nothingToAsk: Readonly<Record<string, string>> = {
  checks: 'not mapped: labctl.yaml has no checks for it',
};

/** Every diagnosis in turn, again and again, for so long. */
async function soak(target: LabTarget, minutes: number): Promise<ReadonlyMap<string, Asked>> {
  const asked = new Map<string, Asked>();
  const until = systemClock.monotonic() + minutes * 60_000;
  do {
    for (const diagnosis of diagnoses) {
      const startMs = systemClock.monotonic();
      const answer = await diagnose({ diagnosis, target });
      const statuses = { clean: 0, finding: 0, unknown: 0 };
      const sum = asked.get(diagnosis.id) ?? { asked: 0, msMax: 0, statuses, reason: undefined, findings: [] };
      sum.asked += 1;
      sum.msMax = Math.max(sum.msMax, Math.round(systemClock.monotonic() - startMs));
      sum.statuses[answer.status] += 1;
      if (answer.status === 'unknown') sum.reason = answer.reason ?? answer.explanation.en;
      sum.findings.push(...answer.findings.map(({ text }) => text.en));
      asked.set(diagnosis.id, sum);
    }
  } while (systemClock.monotonic() < until);
  return asked;
}

const namesOf = ({ diagnosis, findings }: Diagnosed): readonly string[] =>
  findings.map((finding) => nameOf(diagnosis, finding)).sort();

/** Asks until it names exactly these, or time is up; what it named last is what is judged. */
async function namedBy(target: LabTarget, diagnosis: Diagnosis, expected: readonly string[]): Promise<Diagnosed> {
  let last: Diagnosed | undefined;
  await waitFor(
    `${diagnosis.id} to name what was planted`,
    async () => {
      last = await diagnose({ diagnosis, target });
      return namesOf(last).join() === expected.join();
    },
    { timeoutMs: 90_000, intervalMs: 500 },
  ).catch(() => {});
  if (last === undefined) throw new Error(`${diagnosis.id} gave no answer`);
  return last;
}

const byId = (id: string): Diagnosis => {
  const diagnosis = diagnoses.find((one) => one.id === id);
  if (diagnosis === undefined) throw new Error(`there is no diagnosis ${id}`);
  return diagnosis;
};

/** Named beside what was planted before, and silent about it again once it has ended and the groups have caught up. */
async function expectBlockedThenFree(
  lab: Laboratory,
  target: LabTarget,
  before: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const blocked = await plantBlockedEvents(lab);
  const named = async (id: string, more: readonly string[]): Promise<void> => {
    const keys = [...(before.get(id) ?? []), ...more].sort();
    expect(namesOf(await namedBy(target, byId(id), keys)), id).toEqual(keys);
  };
  for (const [id, keys] of Object.entries(blocked.expected)) await named(id, keys);
  await blocked.end();
  for (const id of Object.keys(blocked.expected)) await named(id, []);
}

const table = (rows: readonly (readonly unknown[])[]): string => rows.map((row) => row.join(' | ')).join('\n');

test(`under ${transfersPerSecond} transfers/s: silent for ${soakMinutes} min, then every planted anomaly by name`, {
  timeout: (soakMinutes + 15) * 60_000,
}, async ({ annotate }) => {
  const lab = await laboratory();
  const target = labTarget(inject('endpoints'), lab.scope.name);
  onTestFinished(() => target.close());
  const pipeline = await lab.run(pipelineUnderLoad);
  const effects = async (): Promise<number> =>
    (await lab.counts<'effects'>('SELECT COUNT(*) AS effects FROM applied_effect')).effects;
  await waitFor('the load to flow', async () => (await effects()) > 20 * transfersPerSecond, { timeoutMs: 180_000 });

  const startMs = systemClock.monotonic();
  const before = await effects();
  const asked = await soak(target, soakMinutes);
  const perSecond = ((await effects()) - before) / 2 / ((systemClock.monotonic() - startMs) / 1_000);
  await annotate(
    table([
      [`seed ${seed}`, `${perSecond.toFixed(1)} transfers/s applied`, `${soakMinutes} min`],
      ['diagnosis', 'asked', 'clean', 'finding', 'unknown', 'slowest ms', 'reason'],
      ...[...asked].map(([id, { asked: times, statuses, msMax, reason }]) => [
        id,
        times,
        statuses.clean,
        statuses.finding,
        statuses.unknown,
        msMax,
        reason ?? '',
      ]),
    ]),
  );
  expect([...asked].flatMap(([id, { findings }]) => findings.map((text) => `${id}: ${text}`))).toEqual([]);
  // Nothing passes because nothing happened.
  expect(perSecond).toBeGreaterThan(transfersPerSecond / 4);
  for (const { id } of diagnoses) {
    const expected = nothingToAsk[id] === undefined ? { unknown: 0 } : { clean: 0 };
    expect(asked.get(id), id).toMatchObject({ statuses: expected, reason: nothingToAsk[id] });
  }

  const expected = new Map<string, string[]>();
  for (const planting of plantings) {
    for (const [id, keys] of Object.entries(await planting.plant(lab))) {
      expected.set(id, [...(expected.get(id) ?? []), keys].flat().sort());
    }
  }
  // Those to whom nothing was planted must stay silent beside it.
  const found: [string, readonly string[], Diagnosed][] = [];
  for (const diagnosis of diagnoses) {
    const keys = expected.get(diagnosis.id) ?? [];
    found.push([diagnosis.id, keys, await namedBy(target, diagnosis, keys)]);
  }
  await annotate(
    table([
      ['diagnosis', 'planted', 'named', 'names, or why it cannot tell'],
      ...found.map(([id, keys, answer]) => {
        const told =
          answer.status === 'unknown' ? (answer.reason ?? answer.explanation.en) : namesOf(answer).join(', ');
        return [id, keys.length, answer.findings.length, told];
      }),
    ]),
  );
  for (const [id, keys, answer] of found) expect(namesOf(answer), id).toEqual(keys);
  await expectBlockedThenFree(lab, target, expected);
  const later = await effects();
  await waitFor('the load to go on', async () => (await effects()) > later, { timeoutMs: 60_000 });
  await pipeline.stop('transfer-writer');
});
