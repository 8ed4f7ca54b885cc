import { pipelineCheckers } from './harness/checkers/index.ts';
import type { Arm, Experiment, RunParameters } from './harness/define.ts';
import { pipelineDiagnoses } from './harness/diagnosed.ts';
import { chosenBy } from './harness/seed.ts';
import {
  accountsCached,
  allTransfersTried,
  commitRate,
  failpointFired,
  fullyTraced,
  redelivered,
  rowsChecked,
  sentTwice,
} from './harness/witnesses.ts';
import { type PipelineWorker, type TransferWorkload, transferPlan } from './harness/workloads/transfers.ts';

/** Every number of the experiment; the document beside it repeats them, and a test compares the two. */
export const numbers = {
  transfersFast: 2_000,
  transfersFull: 20_000,
  accountsFast: 200,
  accountsFull: 2_000,
  writerConcurrency: 8,
  steadyConcurrency: 32,
  batchSize: 100,
  readsPerSecondFast: 200,
  readsPerSecondFull: 1_000,
  killsPerWorker: 2,
  firstKillPassMin: 2,
  firstKillPassMax: 12,
  laterKillPassMin: 1,
  laterKillPassMax: 6,
  steadyTransfersPerSecond: 200,
  steadyTolerancePercent: 10,
  accountsCachedPercentMin: 90,
  tracedPercentMin: 99,
  anomaliesMax: 0,
  secondsFast: 30,
} as const;

/** The point at which each worker ends itself: its effect is durable, and nobody has been told yet. */
export const failpoints = {
  'outbox-relay': 'relay.after-ack',
  'balance-projector': 'projector.after-commit',
  'cache-invalidator': 'invalidator.after-invalidate',
} as const satisfies Record<PipelineWorker, string>;

function workload({ fast, seed, armId }: RunParameters): TransferWorkload {
  return {
    armId,
    seed,
    transfers: fast ? numbers.transfersFast : numbers.transfersFull,
    accounts: fast ? numbers.accountsFast : numbers.accountsFull,
    concurrency: numbers.writerConcurrency,
    batchSize: numbers.batchSize,
    readsPerSecond: fast ? numbers.readsPerSecondFast : numbers.readsPerSecondFull,
  };
}

/** One list of plans an incarnation: the process that follows a killed one is killed again, until all kills are spent. */
function killsOf(worker: PipelineWorker, seed: number) {
  return Array.from({ length: numbers.killsPerWorker }, (_, incarnation) => {
    const first = incarnation === 0;
    const pass = chosenBy(seed, `${worker} ${incarnation}`, {
      min: first ? numbers.firstKillPassMin : numbers.laterKillPassMin,
      max: first ? numbers.firstKillPassMax : numbers.laterKillPassMax,
    });
    return [{ name: failpoints[worker], pass }];
  });
}

const seen = [allTransfersTried, rowsChecked, accountsCached(numbers.accountsCachedPercentMin)];

const undisturbed: Arm = {
  name: 'a-undisturbed',
  title: { ko: '장애 없이', en: 'nothing is broken' },
  expects: 'clean',
  plan: (run) => transferPlan(workload(run)),
  checkers: pipelineCheckers,
  diagnoses: pipelineDiagnoses,
  witnesses: seen,
};

const killed: Arm = {
  name: 'b-killed',
  title: { ko: '릴레이·프로젝터·무효화기를 SIGKILL', en: 'relay, projector and invalidator are killed' },
  expects: 'clean',
  plan: (run) =>
    transferPlan({
      ...workload(run),
      failpoints: {
        'outbox-relay': killsOf('outbox-relay', run.seed),
        'balance-projector': killsOf('balance-projector', run.seed),
        'cache-invalidator': killsOf('cache-invalidator', run.seed),
      },
    }),
  checkers: pipelineCheckers,
  diagnoses: pipelineDiagnoses,
  witnesses: [
    ...seen,
    failpointFired(failpoints['outbox-relay'], {
      name: 'relayKilled',
      title: { ko: '릴레이 SIGKILL 횟수 (ack 후, SENT 표시 전)', en: 'relay killed between ack and mark' },
      times: numbers.killsPerWorker,
    }),
    failpointFired(failpoints['balance-projector'], {
      name: 'projectorKilled',
      title: {
        ko: '프로젝터 SIGKILL 횟수 (커밋 후, 오프셋 커밋 전)',
        en: 'projector killed between commit and offset',
      },
      times: numbers.killsPerWorker,
    }),
    failpointFired(failpoints['cache-invalidator'], {
      name: 'invalidatorKilled',
      title: { ko: '무효화기 SIGKILL 횟수 (무효화 후, 오프셋 커밋 전)', en: 'invalidator killed before its offset' },
      times: numbers.killsPerWorker,
    }),
    redelivered,
    sentTwice,
  ],
};

const steady: Arm = {
  name: 'c-latency',
  title: { ko: '일정한 부하에서의 지연 시간', en: 'latency at a steady rate' },
  expects: 'clean',
  plan: (run) =>
    transferPlan({
      ...workload(run),
      concurrency: numbers.steadyConcurrency,
      transfersPerSecond: numbers.steadyTransfersPerSecond,
      trace: true,
    }),
  checkers: pipelineCheckers,
  diagnoses: pipelineDiagnoses,
  witnesses: [
    ...seen,
    commitRate({
      perSecond: numbers.steadyTransfersPerSecond,
      tolerancePercent: numbers.steadyTolerancePercent,
    }),
    fullyTraced(numbers.tracedPercentMin),
  ],
  measuresLatency: true,
};

export const outboxRelay: Experiment = {
  id: 'E-001',
  title: {
    ko: '정상 경로: Outbox + Relay + processed_event + 캐시 무효화',
    en: 'the path that holds: outbox, relay, processed_event, invalidation',
  },
  document: 'experiments/E-001-outbox-relay.md',
  needs: 'shared',
  secondsFast: numbers.secondsFast,
  arms: [undisturbed, killed, steady],
};
