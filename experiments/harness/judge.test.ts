import { describe, expect, test } from 'vitest';
import { failpoints, numbers, outboxRelay } from '../E-001-outbox-relay.ts';
import { type Arm, planOf } from './define.ts';
import { historyOf } from './history.ts';
import { judgeRecord } from './judge.ts';
import { cleanRun, lineOf, type RecordedArm } from './testing/clean-run.ts';
import type { PipelineWorker } from './workloads/transfers.ts';

const parameters = { fast: true, seed: 3, token: 'abcdef', index: 1 };
const record = { outcome: 'recorded' as const, gate: [], durationMs: 1 };

function armNamed(name: string): Arm {
  const arm = outboxRelay.arms.find((candidate) => candidate.name === name);
  if (arm === undefined) throw new Error(`E-001 has no arm ${name}`);
  return arm;
}

/** A recorded arm of E-001's size in which everything went as it should. */
function healthy(): RecordedArm {
  const { transfersFast: transfers, accountsFast: accounts } = numbers;
  const run = cleanRun({ transfers, accounts, seed: 3 });
  const lines = Object.entries(failpoints).flatMap(([worker, name]) =>
    Array.from({ length: numbers.killsPerWorker }, (_, kill) =>
      lineOf(worker, { kind: 'failpoint', name, pass: kill + 1, pid: 100 + kill, at: 5 }),
    ),
  );
  const [first] = run.state.topic;
  if (first === undefined) throw new Error('an empty topic');
  const duplicate = { ...first, offset: 1_000_000n };
  const state = {
    ...run.state,
    topic: [...run.state.topic, duplicate],
    counters: { 'balance-projector': { redelivered: 1 } },
  };
  const all = [...run.lines, ...lines];
  return { lines: all, history: historyOf(all), state };
}

function judged(arm: Arm, { history, state }: RecordedArm) {
  return judgeRecord({ arm, plan: planOf(arm, parameters), record, history, state });
}

describe('arm b of E-001', () => {
  const killed = armNamed('b-killed');

  test('holds when everything is right and witnessed', () => {
    const { result, reasons } = judged(killed, healthy());
    expect(reasons).toEqual([]);
    expect(result.verdict).toBe('held');
    expect(result.witnesses).toMatchObject({ relayKilled: 2, projectorKilled: 2, invalidatorKilled: 2, sentTwice: 1 });
  });

  test.each(Object.keys(failpoints) as PipelineWorker[])('is unknown when %s was never killed', (worker) => {
    const run = healthy();
    const lines = run.lines.filter((line) => line.worker !== worker);
    const { result, reasons } = judged(killed, { ...run, history: historyOf(lines) });
    expect(result.verdict).toBe('unknown');
    expect(reasons).toHaveLength(1);
  });

  test.each<[string, (run: RecordedArm) => void]>([
    ['nothing was redelivered', ({ state }) => (state.counters = { 'balance-projector': { redelivered: 0 } })],
    ['the counter is not there', ({ state }) => (state.counters = {})],
    ['nothing was sent twice', ({ state }) => (state.topic = state.topic.slice(0, -1))],
    ['too few accounts are cached', ({ state }) => (state.cache = state.cache.slice(0, 100))],
    ['the pipeline did not come to rest', ({ state }) => (state.settled = false)],
    ['the cache is empty', ({ state }) => (state.cache = [])],
  ])('is unknown when %s', (_, spoil) => {
    const run = healthy();
    spoil(run);
    expect(judged(killed, run).result.verdict).toBe('unknown');
  });

  test('is unknown when nothing happened at all', () => {
    const { history, state } = cleanRun({ transfers: 0 });
    expect(judged(killed, { lines: [], history, state }).result.verdict).toBe('unknown');
  });

  test('is breached by one doubled effect, as without the dedupe table', () => {
    const run = healthy();
    const [effect] = run.state.effects;
    if (effect === undefined) throw new Error('no effect');
    run.state.effects = [...run.state.effects, effect];
    expect(judged(killed, run).result).toMatchObject({ verdict: 'breached', counts: { appliedTwice: 1 } });
  });

  test('is breached by one lost event even when a witness is missing too', () => {
    const run = healthy();
    run.state.effects = run.state.effects.slice(1);
    run.state.counters = {};
    expect(judged(killed, run).result).toMatchObject({ verdict: 'breached', counts: { lostFromEffects: 1 } });
  });

  test('is breached by one stale key, as without the invalidator', () => {
    const run = healthy();
    run.state.cache = run.state.cache.map((key, index) => (index === 0 ? { ...key, text: 'E:0:0' } : key));
    expect(judged(killed, run).result).toMatchObject({ verdict: 'breached', counts: { staleKeys: 1 } });
  });
});

/** The diagnosis has named these. */
const answered = (run: RecordedArm, diagnosis: string, keys: readonly string[], kind = 'doubled') => {
  const findings = keys.map((key) => ({ key: `${kind}.${key}`, kind }));
  const status = keys.length > 0 ? ('finding' as const) : ('clean' as const);
  const others = run.state.diagnosed.filter((one) => one.diagnosis !== diagnosis);
  run.state.diagnosed = [...others, { diagnosis, status, counts: { [kind]: keys.length }, findings }];
};

describe('an arm that asks diagnoses', () => {
  const killed = armNamed('b-killed');
  const agreeing = { verdict: 'pass', found: 0, truth: 0 };

  test('agrees when they are silent about a clean run', () => {
    const diagnosed = { agrees: true, diagnoses: { duplicates: agreeing, loss: agreeing, projection: agreeing } };
    expect(judged(killed, healthy()).result.diagnosed).toEqual(diagnosed);
  });

  test('agrees when they name exactly what the rows hold', () => {
    const run = healthy();
    const [effect] = run.state.effects;
    if (effect === undefined) throw new Error('no effect');
    run.state.effects = [...run.state.effects, effect];
    answered(run, 'duplicates', [effect.dedupKey]);
    run.state.projections = run.state.projections.map((row, index) =>
      index === 0 ? { ...row, balance: row.balance + 1n } : row,
    );
    answered(run, 'projection', [String(run.state.projections[0]?.accountId)], 'drifted');
    expect(judged(killed, run).result.diagnosed).toEqual({
      agrees: true,
      diagnoses: {
        duplicates: { verdict: 'pass', found: 1, truth: 1 },
        loss: agreeing,
        projection: { verdict: 'pass', found: 1, truth: 1 },
      },
    });
  });

  test('agrees when it names what was lost, by whatever kind of loss; what nobody consumed is not lost', () => {
    const run = healthy();
    const [effect, ...others] = run.state.effects;
    if (effect === undefined) throw new Error('no effect');
    run.state.effects = others;
    run.state.incarnations = { 'balance-projector': 1 };
    const lossOf = () => judged(killed, run).result.diagnosed?.diagnoses.loss;
    const findings = [{ key: `lost.${effect.dedupKey}`, kind: 'lostInConsumer' }];
    expect(lossOf()).toEqual({ verdict: 'fail', found: 0, truth: 1 });
    const unlike = run.state.diagnosed.filter(({ diagnosis }) => diagnosis !== 'loss');
    run.state.diagnosed = [...unlike, { diagnosis: 'loss', status: 'finding', counts: { lost: 1 }, findings }];
    expect(lossOf()).toEqual({ verdict: 'pass', found: 1, truth: 1 });
    run.state.incarnations = { 'outbox-relay': 1 };
    expect(lossOf()).toEqual({ verdict: 'fail', found: 1, truth: 0 });
  });

  test.each([['a false alarm', ['nobody:1']]] as const)('is breached by %s', (_, keys) => {
    const run = healthy();
    answered(run, 'duplicates', keys);
    const { result, reasons } = judged(killed, run);
    expect(result).toMatchObject({ verdict: 'breached', diagnosed: { agrees: false } });
    expect(reasons).toEqual(['diagnose duplicates: it found 1, the recorded rows hold 0; such as nobody:1']);
  });

  test('is breached by one that is overlooked, and by another named in its place', () => {
    for (const keys of [[], ['nobody:1']]) {
      const run = healthy();
      const [effect] = run.state.effects;
      if (effect === undefined) throw new Error('no effect');
      run.state.effects = [...run.state.effects, effect];
      answered(run, 'duplicates', keys);
      expect(judged({ ...killed, checkers: killed.checkers.slice(0, 2) }, run).result.verdict).toBe('breached');
    }
  });

  test('is unknown when one gave no answer', () => {
    const run = healthy();
    run.state.diagnosed = run.state.diagnosed.slice(1);
    expect(judged(killed, run).result.verdict).toBe('unknown');
  });
});

describe('arm c of E-001', () => {
  const steady = armNamed('c-latency');
  const traced = (intervalMs: number): RecordedArm => {
    const run = healthy();
    const commits = [...run.history.transfers.values()].map((transfer, index) => ({
      ...transfer,
      endedAtMs: index * intervalMs,
    }));
    const at = new Map(
      commits.flatMap(({ txId, from, to, endedAtMs }) =>
        [from, to].map((id) => [`${txId}:${id}`, endedAtMs + 20] as const),
      ),
    );
    const stages = { sent: at, applied: at, invalidated: at };
    return { ...run, history: { ...run.history, transfers: new Map(commits.map((one) => [one.txId, one])), stages } };
  };

  test('holds at its rate and reports what it measured', () => {
    const { result } = judged(steady, traced(5));
    expect(result.verdict).toBe('held');
    expect(result.latencyMs?.commitToSent).toEqual({ samples: 4_000, p50: 20, p95: 20, p99: 20, max: 20 });
  });

  test.each([4, 6])('is unknown when a commit came every %i ms: that is another load', (intervalMs) => {
    expect(judged(steady, traced(intervalMs)).result.verdict).toBe('unknown');
  });

  test('is unknown when the stages were not traced', () => {
    const run = traced(5);
    const half = new Map([...run.history.stages.applied].slice(0, 2_000));
    const history = { ...run.history, stages: { ...run.history.stages, applied: half } };
    expect(judged(steady, { ...run, history }).result.verdict).toBe('unknown');
  });
});

test('an arm with an anomaly is reproduced by exactly its checkers', () => {
  const arm: Arm = { ...armNamed('b-killed'), expects: 'anomaly', anomalies: ['applied-twice'] };
  expect(judged(arm, healthy()).result.verdict).toBe('not-reproduced');
  const run = healthy();
  const [effect] = run.state.effects;
  if (effect === undefined) throw new Error('no effect');
  run.state.effects = [...run.state.effects, effect];
  answered(run, 'duplicates', [effect.dedupKey]);
  expect(judged(arm, run).result.verdict).toBe('reproduced');
});
