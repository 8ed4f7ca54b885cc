import { expect, inject } from 'vitest';
import { systemClock, waitFor } from '../../clock.ts';
import { KafkaReader } from '../../kafka/reader.ts';
import { isAlive, signalProcess } from '../../process.ts';
import { bug } from '../bug.ts';
import { dependencyOff } from '../dependency-off.ts';
import type { Fault } from '../fault.ts';
import { frozenFollowers } from '../frozen-followers.ts';
import { kill } from '../kill.ts';
import { mysqlCut } from '../mysql-cut.ts';
import { mysqlLatency } from '../mysql-latency.ts';
import { pause } from '../pause.ts';
import { poison } from '../poison.ts';
import { restart } from '../restart.ts';
import { slowConsumer } from '../slow-consumer.ts';
import { stop } from '../stop.ts';
import {
  isInSync,
  isSet,
  msThroughProxy,
  mysqlAnswers,
  mysqlAnswersThroughProxy,
  redisAnswers,
  registryAnswers,
  runnerOf,
  scope,
  stateOf,
  store,
  switchedOff,
} from './laboratory.ts';

const endpoints = inject('endpoints');

export interface FaultCase {
  readonly name: string;
  readonly fault: Fault;
  /** With the engine itself. */
  isBroken(): Promise<boolean>;
  isWell(): Promise<boolean>;
}

/** Each fault, and how the engine itself says that it is broken and that it is well again. */
export const faultCases: readonly FaultCase[] = [
  {
    name: 'kill of a broker',
    fault: kill.of({ node: 'kafka-2' }),
    isBroken: async () => (await stateOf('kafka-2')) === 'dead',
    isWell: () => isInSync('kafka-2'),
  },
  {
    name: 'kill of the controller',
    fault: kill.of({ node: 'kafka-controller' }),
    isBroken: async () => (await stateOf('kafka-controller')) === 'dead',
    async isWell() {
      const reader = new KafkaReader(endpoints.kafka);
      try {
        return (await reader.quorum()).leaderId >= 0;
      } catch {
        return false;
      } finally {
        await reader.close();
      }
    },
  },
  {
    name: 'stop of MySQL',
    fault: stop.of({ node: 'mysql' }),
    isBroken: async () => !(await mysqlAnswers()),
    isWell: () => mysqlAnswers(),
  },
  {
    name: 'pause of Redis',
    fault: pause.of({ node: 'redis' }),
    isBroken: async () => !(await redisAnswers()),
    isWell: redisAnswers,
  },
  {
    name: 'restart of the schema registry, between stop and start',
    fault: restart.of({ node: 'schema-registry' }),
    isBroken: async () => !(await registryAnswers()),
    isWell: registryAnswers,
  },
  {
    name: 'frozen followers',
    fault: frozenFollowers.of({ leader: 'kafka-1', frozen: ['kafka-2', 'kafka-3'] }),
    isBroken: async () => (await stateOf('kafka-2')) === 'paused' && (await stateOf('kafka-3')) === 'paused',
    isWell: async () => (await isInSync('kafka-2')) && (await isInSync('kafka-3')),
  },
  {
    name: 'slow consumer',
    fault: slowConsumer.of({ scope, worker: 'balance-projector', byMs: 200 }),
    isBroken: async () => isSet('slow.balance-projector', '200'),
    isWell: switchedOff,
  },
  {
    name: 'dependency off',
    fault: dependencyOff.of({ scope, dependency: 'fx-rates' }),
    isBroken: async () => isSet('dependency.fx-rates', 'off'),
    isWell: switchedOff,
  },
  {
    name: 'bug',
    fault: bug.of({ scope, eventType: 'BalanceAdjusted' }),
    isBroken: async () => isSet('bug.BalanceAdjusted', 'on'),
    isWell: switchedOff,
  },
  {
    name: 'poison',
    fault: poison.of({ scope, share: 0.05 }),
    isBroken: async () => isSet('poison', '0.05'),
    isWell: switchedOff,
  },
  {
    name: 'latency before MySQL',
    fault: mysqlLatency.of({ latencyMs: 300, jitterMs: 100 }),
    isBroken: async () => (await msThroughProxy()) >= 300,
    isWell: async () => (await msThroughProxy()) < 300,
  },
  {
    name: 'a cut before MySQL',
    fault: mysqlCut.of({ mode: 'cut' }),
    isBroken: async () => !(await mysqlAnswersThroughProxy()) && (await mysqlAnswers()),
    isWell: mysqlAnswersThroughProxy,
  },
  {
    name: 'silence before MySQL',
    fault: mysqlCut.of({ mode: 'silent' }),
    isBroken: async () => !(await mysqlAnswersThroughProxy()) && (await mysqlAnswers()),
    isWell: mysqlAnswersThroughProxy,
  },
];

/** @returns how long after the SIGKILL the engine was well, and its healing verified. @throws the failed expectation. */
export async function killTheRunner({ fault, isBroken, isWell }: FaultCase): Promise<{
  readonly wellMs: number;
  readonly verifiedMs: number;
}> {
  const { process: runner, leaseId } = await runnerOf(fault, 120_000);
  expect(await isBroken()).toBe(true);
  const healer = store.healer(leaseId);
  const killedMs = systemClock.now();
  await signalProcess(runner, 'SIGKILL');
  await waitFor('the engine to be well', isWell, { timeoutMs: 50_000 });
  const wellMs = systemClock.now() - killedMs;
  const record = await waitFor('the record', () => store.history().find(({ id }) => id === leaseId), {
    timeoutMs: 30_000,
  });
  expect(record).toMatchObject({ cause: 'owner-died', by: 'healer', outcome: 'healed', attempts: 1 });
  // Recorded first, and only then gone: between the two it may be seen.
  await waitFor('the lease to be gone', () => store.lease(leaseId) === undefined, { timeoutMs: 5_000 });
  await waitFor('the healer to end', async () => healer !== undefined && !(await isAlive(healer)), {
    timeoutMs: 5_000,
  });
  return { wellMs, verifiedMs: record.healedAtMs - killedMs };
}
