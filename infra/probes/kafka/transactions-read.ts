import { EngineError } from '../../errors.ts';
import type { BrokerTransactions } from '../../kafka/read-transactions.ts';
import type { ActiveProducer } from '../../kafka/wire/describe-producers.ts';
import type { DescribedTransaction } from '../../kafka/wire/describe-transactions.ts';
import { type ListedTransaction, openStates } from '../../kafka/wire/list-transactions.ts';
import type { Target } from '../../target.ts';
import { ageMs, known, notPermitted, type Part, unknownPart } from '../reading.ts';
import { type HeldPartition, openProducers } from './transactions-held.ts';
import { watchedTopics } from './watched-topics.ts';

export interface OpenTransaction {
  readonly transactionalId: string;
  /** Kafka's own word: Ongoing, PrepareCommit, PrepareAbort, PrepareEpochFence. */
  readonly state: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Node id. */
  readonly coordinator: number;
  /** By the coordinator's clock. */
  readonly startMs: number;
  /** By the cluster's clock, as its active controller tells it. */
  readonly openForMs: Part<number>;
  readonly timeoutMs: number;
  readonly partitions: readonly Place[];
  /** Those of them where it holds records back. */
  readonly holds: readonly Place[];
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** By KIP-664: open in its partition, while its coordinator does not know that it is. */
export interface HangingTransaction extends Place {
  readonly leader: number | undefined;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly startOffset: bigint;
  /** Of its newest record, by whoever stamps records. */
  readonly lastTimestampMs: number;
  /** Whose producer id it is, and what that is doing now; null where no coordinator knows the id at all. */
  readonly transactionalId: string | null;
  readonly coordinatorState: string | null;
  /** From its start to the high watermark. */
  readonly records: bigint;
  readonly groups: HeldPartition['groups'];
}

export interface Coordinators {
  readonly open: readonly OpenTransaction[];
  readonly silent: readonly { readonly nodeId: number; readonly reason: string }[];
  /** Every described one, also those that touch other topics only. */
  readonly described: readonly DescribedTransaction[];
}

/** @throws EngineError when no broker answers. */
export async function readCoordinators(target: Target, held: readonly HeldPartition[]): Promise<Coordinators> {
  const listed = await target.kafka.transactions({ states: openStates });
  const answers = await Promise.all(listed.map((one) => describeOn(target, one)));
  const nowMs = await clusterClock(target);
  const watched = watchedTopics(target);
  const open = answers
    .flatMap(({ nodeId, transactions }) => transactions.map((described) => openOf(described, { nodeId, nowMs, held })))
    .filter(({ partitions }) => watched === null || partitions.some(({ topic }) => watched.includes(topic)))
    .sort((left, right) => left.startMs - right.startMs);
  return {
    open,
    silent: answers.flatMap(({ nodeId, reasons }) => reasons.map((reason) => ({ nodeId, reason }))),
    described: answers.flatMap(({ transactions }) => transactions),
  };
}

interface DescribedOn {
  readonly nodeId: number;
  readonly transactions: readonly DescribedTransaction[];
  readonly reasons: readonly string[];
}

async function describeOn({ kafka }: Target, listed: BrokerTransactions): Promise<DescribedOn> {
  const { nodeId, address, transactions } = listed;
  if (!transactions.known) return { nodeId, transactions: [], reasons: [transactions.reason] };
  if (transactions.value.length === 0) return { nodeId, transactions: [], reasons: [] };
  try {
    const ids = transactions.value.map(({ transactionalId }) => transactionalId);
    const parts = [...(await kafka.describeTransactions(address, ids)).values()];
    const reasons = parts.flatMap((part) => (part.known ? [] : [part.reason]));
    const described = parts.flatMap((part) => (part.known ? [part.value] : []));
    // Ended since it was listed: no longer open.
    const isOpen = ({ state }: DescribedTransaction): boolean => openStates.some((open) => open === state);
    return { nodeId, transactions: described.filter(isOpen), reasons: [...new Set(reasons)] };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { nodeId, transactions: [], reasons: [error.message] };
  }
}

/** The active controller's: the only engine clock that can be read. Asked last: nothing began after it. */
async function clusterClock({ kafka }: Target): Promise<Part<number>> {
  try {
    const { leaderId, voters } = await kafka.quorum();
    const leader = voters.find(({ nodeId }) => nodeId === leaderId);
    if (leader === undefined || leader.lastFetchMs < 0) return unknownPart('the controller does not tell its clock');
    return known(leader.lastFetchMs);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return unknownPart(error.message);
  }
}

/** Machines that agree by NTP still differ by some milliseconds. */
const skewMs = 1_000;

function openOf(
  { topics, transactionalId, state, producerId, producerEpoch, startMs, timeoutMs }: DescribedTransaction,
  { nodeId, nowMs, held }: { nodeId: number; nowMs: Part<number>; held: readonly HeldPartition[] },
): OpenTransaction {
  const partitions = placesOf(topics);
  const openForMs = nowMs.known && nowMs.value - startMs > -skewMs ? Math.max(0, nowMs.value - startMs) : undefined;
  return {
    transactionalId,
    state,
    producerId,
    producerEpoch,
    coordinator: nodeId,
    startMs,
    openForMs: !nowMs.known ? nowMs : openForMs === undefined ? ageMs(-1n) : known(openForMs),
    timeoutMs,
    partitions,
    holds: partitions.filter(({ topic, partition }) =>
      held.some(
        (one) =>
          one.topic === topic &&
          one.partition === partition &&
          (!one.producers.known || one.producers.value.some((producer) => producer.producerId === producerId)),
      ),
    ),
  };
}

const placesOf = (topics: DescribedTransaction['topics']): readonly Place[] =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));

interface SortedOut {
  readonly hanging: readonly HangingTransaction[];
  readonly unsure: readonly (Place & { readonly producerId: bigint; readonly reason: string })[];
}

/**
 * What is open in a partition and unknown to the coordinators. A producer makes a partition known to its coordinator
 * before it writes there, and the coordinator forgets it only after its marker is written: so whatever was open before the
 * coordinators were asked, and still is after they did not know it, is ended by nobody.
 */
export async function sortOut(
  target: Target,
  held: readonly HeldPartition[],
  { described, silent }: Coordinators,
): Promise<SortedOut> {
  const isKnown = ({ topic, partition }: Place, producerId: bigint): boolean =>
    described.some(
      (one) =>
        one.producerId === producerId &&
        placesOf(one.topics).some((place) => place.topic === topic && place.partition === partition),
    );
  const suspects = held.flatMap((place) =>
    (place.producers.known ? place.producers.value : [])
      .filter(({ producerId }) => !isKnown(place, producerId))
      .map((producer) => ({ place, producer })),
  );
  if (suspects.length === 0) return { hanging: [], unsure: [] };
  const [doubt, again, owners] = await Promise.all([
    doubtOf(target, silent),
    openProducers(
      target,
      suspects.map(({ place }) => place),
    ),
    target.kafka.transactions({ producerIds: suspects.map(({ producer }) => producer.producerId) }),
  ]);
  const owned = owners.flatMap(({ transactions }) => (transactions.known ? transactions.value : []));
  const hanging: HangingTransaction[] = [];
  const unsure: (Place & { producerId: bigint; reason: string })[] = [];
  for (const { place, producer } of suspects) {
    const { topic, partition } = place;
    const { producerId, startOffset } = producer;
    const owner = owned.find((one) => one.producerId === producerId);
    const now = again.get(`${topic}/${partition}`) ?? unknownPart('not in the answer');
    const hasEnded =
      now.known && !now.value.some((one) => one.producerId === producerId && one.startOffset === startOffset);
    if (hasEnded) continue;
    const reason = doubt ?? (now.known ? undefined : now.reason) ?? movedReason(owner, described);
    if (reason === undefined) hanging.push(hangingOf(place, producer, owner));
    else unsure.push({ topic, partition, producerId, reason });
  }
  return { hanging, unsure };
}

/** Listed as open now and not before: its coordinator changed brokers in between, so nobody has told of its partitions. */
function movedReason(
  owner: ListedTransaction | undefined,
  described: readonly DescribedTransaction[],
): string | undefined {
  const isOpen = openStates.some((state) => state === owner?.state);
  const wasDescribed = described.some(({ producerId }) => producerId === owner?.producerId);
  return isOpen && !wasDescribed ? 'its coordinator is just moving' : undefined;
}

function hangingOf(
  { topic, partition, leader, highWatermark, groups }: HeldPartition,
  { producerId, producerEpoch, coordinatorEpoch, startOffset, lastTimestampMs }: ActiveProducer,
  owner: ListedTransaction | undefined,
): HangingTransaction {
  return {
    topic,
    partition,
    leader,
    producerId,
    producerEpoch,
    coordinatorEpoch,
    startOffset,
    lastTimestampMs,
    transactionalId: owner?.transactionalId ?? null,
    coordinatorState: owner?.state ?? null,
    records: highWatermark - startOffset,
    groups,
  };
}

const transactionTopic = '__transaction_state';

/** Why "no coordinator knows it" cannot be said; undefined: it can. */
async function doubtOf({ kafka }: Target, silent: Coordinators['silent']): Promise<string | undefined> {
  const [first] = silent;
  if (first !== undefined) return `coordinator ${first.nodeId}: ${first.reason}`;
  const { brokers, topics } = await kafka.metadata([transactionTopic]);
  const leaderless = topics[0]?.partitions.filter(({ leader }) => leader < 0).length ?? 0;
  if (leaderless > 0) return `${leaderless} partitions of ${transactionTopic} have no leader`;
  // Transactions that may not be described are left out of lists. Rights are checked before an id is looked for.
  const [broker] = brokers;
  if (broker === undefined) return 'no broker answers';
  const nobodys = 'labctl.nobody';
  const answer = (await kafka.describeTransactions(`${broker.host}:${broker.port}`, [nobodys])).get(nobodys);
  return answer?.known === false && answer.reason === notPermitted ? notPermitted : undefined;
}
