import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { messageOf } from '../../infra/errors.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import type { WorkerFinding } from '../protocol/messages.ts';
import { type OffsetCommits, openOffsetCommits } from './offset-commits.ts';
import type { RunningWorker, WorkerContext } from './worker.ts';

/** What a handler made of a chunk: up to where it got, and why it stopped before the end. */
export interface ChunkOutcome {
  /** Records that are done, counted from the chunk's first. */
  readonly done: number;
  /** The record after them can not be handled; its partition stands still until somebody acts. */
  readonly stopped?: WorkerFinding;
}

export interface ConsumerPlan {
  readonly groupId: string;
  readonly topic: string;
  readonly chunkSize: number;
  readonly mode: string;
  /** Effects of the chunk are durable when it returns; the offset commit follows. Throwing means an engine failed: the chunk is tried again. */
  handle(partition: number, messages: readonly KafkaMessage[]): Promise<ChunkOutcome>;
  close(): Promise<void>;
}

/**
 * At-least-once consumption: effect first, offset after. A chunk whose engine fails is tried again in place, the session
 * kept alive meanwhile, so an outage of MySQL or Redis costs no rebalance and loses nothing.
 */
export async function startConsumer(context: WorkerContext, plan: ConsumerPlan): Promise<RunningWorker> {
  const kafka = kafkaClient({ brokers: context.boot.endpoints.kafka, clientId: context.clientId });
  const consumer = kafka.consumer({
    groupId: plan.groupId,
    // One message handler longer than the session timeout would evict us: chunks are small and heartbeat in between.
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 1_000,
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
    readUncommitted: false,
  });
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  const commits = openOffsetCommits(
    (offsets) => consumer.commitOffsets(offsets.map((progress) => ({ topic: plan.topic, ...progress }))),
    { clock: context.clock, onFailure: (error) => context.log.warn(`offsets not committed: ${messageOf(error)}`) },
  );
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    context.counters.add('joins');
    commits.assigned(payload.memberAssignment[plan.topic] ?? []);
  });
  const crashed = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      context.log.warn(`consumer crashed: ${messageOf(payload.error)}`, { restarts: payload.restart });
      // kafkajs gives up on errors it calls non-retriable: then the process is started anew.
      if (!payload.restart) reject(payload.error);
    });
  });
  crashed.catch(() => {});

  const inHand = new Set<Promise<void>>();
  await consumer.connect();
  await consumer.subscribe({ topics: [plan.topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 3,
    eachBatch(payload) {
      const work = eachBatch(context, plan, { consumer, commits }, payload);
      inHand.add(work);
      return work.finally(() => inHand.delete(work));
    },
  });
  await Promise.race([joined, crashed]);
  return {
    mode: plan.mode,
    done: crashed,
    async stop() {
      // kafkajs leaves the group when it stops, and then commits nothing more: what is in hand is finished first.
      await Promise.allSettled(inHand);
      await commits.stop();
      await consumer.disconnect();
      await plan.close();
    },
  };
}

async function eachBatch(
  context: WorkerContext,
  plan: ConsumerPlan,
  { consumer, commits }: { readonly consumer: Consumer; readonly commits: OffsetCommits },
  { batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload,
): Promise<void> {
  const { topic, partition, messages } = batch;
  for (let start = 0; start < messages.length; start += plan.chunkSize) {
    if (context.signal.aborted || !isRunning() || isStale()) return;
    const chunk = messages.slice(start, start + plan.chunkSize);
    const outcome = await untilHandled(context, plan, { partition, chunk, heartbeat });
    if (outcome === undefined) return;
    const last = chunk[outcome.done - 1];
    if (last !== undefined) {
      resolveOffset(last.offset);
      commits.done({ partition, offset: String(BigInt(last.offset) + 1n) });
    }
    if (outcome.stopped !== undefined) {
      context.counters.add('partitionsStopped');
      context.report(outcome.stopped);
      consumer.pause([{ topic, partitions: [partition] }]);
      return;
    }
    await heartbeat();
  }
}

const retryDelayMaxMs = 2_000;

/** @returns undefined when the worker was told to stop while an engine was down: the chunk is delivered again later. */
async function untilHandled(
  context: WorkerContext,
  plan: ConsumerPlan,
  work: { readonly partition: number; readonly chunk: readonly KafkaMessage[]; heartbeat(): Promise<void> },
): Promise<ChunkOutcome | undefined> {
  const finding = `engine.${work.partition}`;
  for (let attempt = 0; !context.signal.aborted; attempt++) {
    try {
      const outcome = await plan.handle(work.partition, work.chunk);
      if (attempt > 0) context.clear(finding);
      return outcome;
    } catch (error) {
      context.counters.add('retries');
      context.report({ key: finding, message: `partition ${work.partition} waits: ${messageOf(error)}` });
      await context.clock.sleep(Math.min(50 * 2 ** attempt, retryDelayMaxMs));
      await work.heartbeat(); // throws when the group rebalances: kafkajs rejoins, the chunk comes again
    }
  }
  return undefined;
}
