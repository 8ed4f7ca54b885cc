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
  readonly deliveryFailures?: DeliveryFailuresRole;
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
  readonly class: string;
  readonly exception: string;
  readonly message: string;
  readonly eventType: string;
  readonly fingerprint: string;
  readonly copies: string;
  /** When it was given up, by the clock that stamped the DLQ's record. */
  readonly deadAt: string;
}

/** Failed deliveries; those with a due time and no newer outcome are on the ladder. */
export interface DeliveryFailuresRole {
  readonly table: string;
  readonly dedupKey: string;
  readonly rung: string;
  readonly dueAt: string;
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
      class: 'class',
      exception: 'exception',
      message: 'message',
      eventType: 'event_type',
      fingerprint: 'fingerprint',
      copies: 'copies',
      deadAt: 'dead_at',
    },
    deliveryFailures: { table: 'delivery_failure', dedupKey: 'dedup_key', rung: 'rung', dueAt: 'due_at' },
    topics: scope.topics,
    groups: {
      projector: { groupId: scope.groups.projector, topic: scope.topics.events },
      invalidator: { groupId: scope.groups.invalidator, topic: scope.topics.events },
    },
  };
}
