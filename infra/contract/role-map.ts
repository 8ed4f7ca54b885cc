import type { Scope, TopicRole } from './scope.ts';

/**
 * Our roles and what they are called on a target. Probes take every table, column, topic and group name from here, so
 * the same probe reads the lab, an experiment's scope and an operator's own stack. An absent role is "not mapped".
 */
export interface RoleMap {
  readonly database: string;
  readonly outbox?: OutboxRole;
  readonly effects?: EffectsRole;
  readonly heartbeats?: { readonly table: string };
  readonly deadLetters?: DeadLettersRole;
  readonly deadLetterPositions?: DeadLetterPositionsRole;
  readonly deliveryFailures?: DeliveryFailuresRole;
  readonly processed?: ProcessedRole;
  readonly topics: Partial<Readonly<Record<TopicRole, string>>>;
  /** Consumer groups worth watching, by role. */
  readonly groups: Readonly<Record<string, ConsumerRole>>;
}

export interface ConsumerRole {
  readonly groupId: string;
  readonly topic: string;
}

export interface OutboxRole {
  readonly table: string;
  readonly id: string;
  readonly dedupKey: string;
  readonly status: string;
  readonly statusValues: {
    readonly pending: string;
    readonly sent: string;
    readonly dead: string;
    /** An operator decided that it is never sent. */
    readonly skipped: string;
  };
  /** Set by the database's own clock inside the writer's transaction. */
  readonly createdAt: string;
  readonly sentAt: string;
}

export interface EffectsRole {
  readonly table: string;
  readonly dedupKey: string;
  readonly appliedAt: string;
}

/** Where dead letters are indexed, one row an origin offset. */
export interface DeadLettersRole {
  readonly table: string;
  /** Grows with each dead letter that is indexed. */
  readonly id: string;
  readonly class: string;
  readonly exception: string;
  readonly message: string;
  readonly eventType: string;
  readonly fingerprint: string;
  readonly copies: string;
  /** When it was given up, by the clock that stamped the DLQ's record. */
  readonly deadAt: string;
  /** By the database's clock. */
  readonly indexedAt: string;
}

/** How far the DLQ's topic has been indexed, kept in the same transaction as the rows. */
export interface DeadLetterPositionsRole {
  readonly table: string;
  readonly consumer: string;
  /** The indexer's name in that column. */
  readonly indexer: string;
  readonly topic: string;
  readonly partition: string;
  readonly nextOffset: string;
}

/** Failed deliveries; those with a due time and no newer outcome are on the ladder. */
export interface DeliveryFailuresRole {
  readonly table: string;
  readonly consumer: string;
  readonly dedupKey: string;
  /** Name of the index over it. */
  readonly dedupKeyIndex: string;
  readonly rung: string;
  readonly dueAt: string;
  /** By the database's clock: of two failures of one event the later one counts. */
  readonly failedAt: string;
  /** Empty while the delivery is on the ladder; absent where nothing like it is kept. */
  readonly settledAt?: string;
}

/** What each consumer has handled: the evidence that dedupes. */
export interface ProcessedRole {
  readonly table: string;
  readonly consumer: string;
  readonly dedupKey: string;
}

/** The lab's own names: those of infra/mysql/migrations. */
export function labRoles(scope: Scope): RoleMap {
  return {
    database: scope.database,
    outbox: {
      table: 'outbox_event',
      id: 'id',
      dedupKey: 'dedup_key',
      status: 'status',
      statusValues: { pending: 'PENDING', sent: 'SENT', dead: 'DEAD', skipped: 'SKIPPED' },
      createdAt: 'created_at',
      sentAt: 'sent_at',
    },
    effects: { table: 'applied_effect', dedupKey: 'dedup_key', appliedAt: 'applied_at' },
    heartbeats: { table: 'worker_heartbeat' },
    deadLetters: {
      table: 'dlq_event',
      id: 'id',
      class: 'class',
      exception: 'exception',
      message: 'message',
      eventType: 'event_type',
      fingerprint: 'fingerprint',
      copies: 'copies',
      deadAt: 'dead_at',
      indexedAt: 'indexed_at',
    },
    deadLetterPositions: {
      table: 'consumer_offset',
      consumer: 'consumer',
      indexer: 'dlq-indexer',
      topic: 'topic',
      partition: 'partition_id',
      nextOffset: 'next_offset',
    },
    deliveryFailures: {
      table: 'delivery_failure',
      consumer: 'consumer',
      dedupKey: 'dedup_key',
      dedupKeyIndex: 'by_dedup_key',
      rung: 'rung',
      dueAt: 'due_at',
      failedAt: 'failed_at',
      settledAt: 'settled_at',
    },
    processed: { table: 'processed_event', consumer: 'consumer', dedupKey: 'dedup_key' },
    topics: scope.topics,
    groups: {
      projector: { groupId: scope.groups.projector, topic: scope.topics.events },
      invalidator: { groupId: scope.groups.invalidator, topic: scope.topics.events },
    },
  };
}
