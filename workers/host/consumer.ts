import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { messageOf } from '../../infra/errors.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { type HandlerTimes, openHandlerTimes } from './handler-times.ts';
import { type OffsetCommits, openOffsetCommits, type PartitionOffset, type TopicPartition } from './offset-commits.ts';
import type { RunningWorker, WorkerContext } from './worker.ts';

/** Records of one partition, in their order. */
export interface Chunk extends TopicPartition {
  readonly messages: readonly KafkaMessage[];
}

/** What a handler made of a chunk. */
export interface ChunkOutcome {
  /** Records that are done, counted from the chunk's first. */
  readonly done: number;
  /** The record after them is not due yet: the partition is fetched again after so long, and others go on meanwhile. */
  readonly waitMs?: number;
}

export interface ConsumerPlan {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly chunkSize: number;
  readonly mode: string;
  /** How long a fetch may wait for records, and so at most what a partition that was paused waits to be fetched again. */
  readonly fetchWaitMs?: number;
  /** Effects of the chunk are durable when it returns; the offset commit follows. Throwing means an engine failed: the chunk is tried again. */
  handle(chunk: Chunk): Promise<ChunkOutcome>;
  /**
   * Where assigned partitions begin, for a consumer that keeps its offsets beside its effects. Absent: where the group
   * committed.
   */
  positions?(assigned: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  close(): Promise<void>;
}

/** One message handler longer than the session timeout would evict us: chunks are small and heartbeat in between. */
const timeouts = { sessionTimeout: 10_000, rebalanceTimeout: 10_000, heartbeatInterval: 1_000 };

function tellTimeouts({ counters }: WorkerContext): void {
  counters.set('sessionTimeoutMs', timeouts.sessionTimeout);
  counters.set('rebalanceTimeoutMs', timeouts.rebalanceTimeout);
  counters.set('heartbeatIntervalMs', timeouts.heartbeatInterval);
}

/**
 * At-least-once consumption: effect first, offset after. A chunk whose engine fails is tried again in place, the session
 * kept alive meanwhile, so an outage of MySQL or Redis costs no rebalance and loses nothing.
 */
export async function startConsumer(context: WorkerContext, plan: ConsumerPlan): Promise<RunningWorker> {
  const kafka = kafkaClient({ brokers: context.boot.endpoints.kafka, clientId: context.clientId });
  const consumer = kafka.consumer({
    groupId: plan.groupId,
    ...timeouts,
    maxWaitTimeInMs: plan.fetchWaitMs ?? 500,
    allowAutoTopicCreation: false,
    readUncommitted: false,
  });
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  const commits = openOffsetCommits((offsets) => consumer.commitOffsets([...offsets]), {
    clock: context.clock,
    onFailure: (error) => context.log.warn(`offsets not committed: ${messageOf(error)}`),
  });
  const positioned = positioning(context, plan, consumer);
  const times = openHandlerTimes(context.counters, context.clock);
  tellTimeouts(context);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    context.counters.add('joins');
    const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    commits.assigned(assigned);
    positioned.assigned(assigned);
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
  await consumer.subscribe({ topics: [...plan.topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 3,
    eachBatch(payload) {
      const work = eachBatch(context, plan, { consumer, commits, positioned, times }, payload);
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
      times.stop();
      await commits.stop();
      await consumer.disconnect();
      await plan.close();
    },
  };
}

interface Positioning {
  assigned(partitions: readonly TopicPartition[]): void;
  /** Resolves when the consumer stands where the plan wants it since the latest assignment. */
  done(): Promise<void>;
}

/** kafkajs starts to fetch from the group's offsets at once: handlers wait until ours were sought. */
function positioning(context: WorkerContext, plan: ConsumerPlan, consumer: Consumer): Positioning {
  const { positions } = plan;
  let latest: Promise<void> = Promise.resolve();
  const seek = async (partitions: readonly TopicPartition[]): Promise<void> => {
    for (let attempt = 0; !context.signal.aborted; attempt++) {
      try {
        for (const position of (await positions?.(partitions)) ?? []) consumer.seek({ ...position });
        context.clear('positions');
        return;
      } catch (error) {
        context.report({ key: 'positions', message: `offsets cannot be read: ${messageOf(error)}` });
        await context.clock.sleep(Math.min(50 * 2 ** attempt, retryDelayMaxMs), context.signal).catch(() => {});
      }
    }
  };
  return {
    assigned(partitions) {
      if (positions !== undefined && partitions.length > 0) latest = seek(partitions);
    },
    done: () => latest,
  };
}

interface ConsumerParts {
  readonly consumer: Consumer;
  readonly commits: OffsetCommits;
  readonly positioned: Positioning;
  readonly times: HandlerTimes;
}

async function eachBatch(
  context: WorkerContext,
  plan: ConsumerPlan,
  { consumer, commits, positioned, times }: ConsumerParts,
  { batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload,
): Promise<void> {
  if (!(await inPosition(context, positioned, heartbeat))) return;
  const { topic, partition, messages } = batch;
  const slowMs = context.switches.slowMs();
  const size = slowMs === 0 ? plan.chunkSize : Math.max(1, Math.min(plan.chunkSize, Math.floor(slowChunkMs / slowMs)));
  for (let start = 0; start < messages.length; start += size) {
    if (context.signal.aborted || !isRunning() || isStale()) return;
    const chunk = messages.slice(start, start + size);
    await dawdle(context, chunk.length * slowMs, heartbeat);
    const outcome = await untilHandled(context, plan, {
      chunk: { topic, partition, messages: chunk },
      heartbeat,
      times,
    });
    if (outcome === undefined) return;
    const last = chunk[outcome.done - 1];
    if (last !== undefined) {
      resolveOffset(last.offset);
      commits.done({ topic, partition, offset: String(BigInt(last.offset) + 1n) });
    }
    if (outcome.waitMs !== undefined) {
      const partitions = [{ topic, partitions: [partition] }];
      consumer.pause(partitions);
      context.clock.after(outcome.waitMs, () => consumer.resume(partitions));
      return;
    }
    await heartbeat();
  }
}

/** Waits for the latest positions with the session kept alive. @returns false when the worker was told to stop. */
async function inPosition(
  { clock, signal }: WorkerContext,
  positioned: Positioning,
  heartbeat: () => Promise<void>,
): Promise<boolean> {
  let isThere = false;
  const there = positioned.done().then(() => {
    isThere = true;
  });
  while (!isThere && !signal.aborted) {
    await Promise.race([there, clock.sleep(slowChunkMs, signal).catch(() => {})]);
    if (!isThere) await heartbeat();
  }
  return isThere;
}

/** A slow handler works in chunks of about this length, so that lag moves in small steps. */
const slowChunkMs = 1_000;

/** The switch `slow.<worker>`: each record takes so much longer, the session kept alive. */
async function dawdle(context: WorkerContext, ms: number, heartbeat: () => Promise<void>): Promise<void> {
  for (let leftMs = ms; leftMs > 0 && !context.signal.aborted; leftMs -= slowChunkMs) {
    await context.clock.sleep(Math.min(leftMs, slowChunkMs), context.signal).catch(() => {});
    await heartbeat();
  }
}

const retryDelayMaxMs = 2_000;

/** @returns undefined when the worker was told to stop while an engine was down: the chunk is delivered again later. */
async function untilHandled(
  context: WorkerContext,
  plan: ConsumerPlan,
  work: { readonly chunk: Chunk; heartbeat(): Promise<void>; readonly times: HandlerTimes },
): Promise<ChunkOutcome | undefined> {
  const { topic, partition } = work.chunk;
  const finding = `engine.${plan.topics.length === 1 ? '' : `${topic}.`}${partition}`;
  for (let attempt = 0; !context.signal.aborted; attempt++) {
    const startMs = context.clock.monotonic();
    try {
      const outcome = await plan.handle(work.chunk);
      work.times.handled(work.chunk.messages.length, context.clock.monotonic() - startMs);
      context.clear(finding);
      return outcome;
    } catch (error) {
      context.counters.add('retries');
      context.report({ key: finding, message: `${topic}/${partition} waits: ${messageOf(error)}` });
      await context.clock.sleep(Math.min(50 * 2 ** attempt, retryDelayMaxMs));
      await work.heartbeat(); // throws when the group rebalances: kafkajs rejoins, the chunk comes again
    }
  }
  return undefined;
}
