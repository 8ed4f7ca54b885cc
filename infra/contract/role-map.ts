import type { TopicRole } from './scope.ts';

/**
 * Our roles and what they are called on a target. Probes take every table, column, topic and group name from here, so
 * the same probe reads the lab, an experiment's scope and an operator's own stack. An absent role is "not mapped".
 */
export interface RoleMap {
  readonly database: string;
  readonly outbox?: OutboxRole;
  readonly effects?: EffectsRole;
  readonly heartbeats?: HeartbeatsRole;
  readonly deadLetters?: DeadLettersRole;
  readonly deadLetterPositions?: DeadLetterPositionsRole;
  readonly deliveryFailures?: DeliveryFailuresRole;
  readonly processed?: ProcessedRole;
  /** Where rows of `processed` go when they are old; the same columns. */
  readonly processedArchive?: ProcessedRole;
  readonly ledger?: LedgerRole;
  readonly accounts?: AccountsRole;
  readonly projection?: ProjectionRole;
  readonly cache?: CacheRole;
  readonly topics: Partial<Readonly<Record<TopicRole, string>>>;
  /** Consumer groups worth watching, by role. */
  readonly groups: Readonly<Record<string, ConsumerRole>>;
}

export interface HeartbeatsRole {
  readonly table: string;
  /** Column with what a worker asks the cache for most; see top-keys.ts. */
  readonly topKeys?: string;
}

export interface ConsumerRole {
  readonly groupId: string;
  readonly topic: string;
}

/** Columns that are optional make a finding less exact where they are absent, or a question `not mapped`. */
export interface OutboxRole {
  readonly table: string;
  /** Grows with each row. */
  readonly id: string;
  readonly dedupKey: string;
  readonly eventId?: string;
  readonly eventType?: string;
  readonly accountId?: string;
  readonly attempts?: string;
  readonly nextAttemptAt?: string;
  readonly lastError?: string;
  /** Where the record stands that the row was sent as; of the topic with the role `events`. */
  readonly sentPartition?: string;
  readonly sentOffset?: string;
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

/** The consumer's append-only journal of effects: without a unique key, so that it can show a doubled one. */
export interface EffectsRole {
  readonly table: string;
  readonly dedupKey: string;
  readonly appliedAt: string;
  /** Grows with each row. */
  readonly id?: string;
  readonly accountId?: string;
  readonly accountSeq?: string;
  readonly delta?: string;
  readonly partition?: string;
  readonly offset?: string;
}

/** Legs of transfers: the truth that everything else follows from. */
export interface LedgerRole {
  readonly table: string;
  /** Grows with each row. */
  readonly id: string;
  readonly txId: string;
  readonly accountId: string;
  /** Without gaps per account, from 1. Absent: order and completeness of an account cannot be judged. */
  readonly accountSeq?: string;
  /** Minor units, signed. */
  readonly delta: string;
  readonly createdAt: string;
  /** A column that holds the effect's identity; absent: it is `<txId>:<accountId>`. */
  readonly dedupKey?: string;
}

export interface AccountsRole {
  readonly table: string;
  readonly accountId: string;
  readonly balance: string;
  readonly accountSeq?: string;
  /** What an account had before its first ledger row; its balance and its projection contain it. */
  readonly openingBalance?: string;
}

export interface ProjectionRole {
  readonly table: string;
  readonly accountId: string;
  readonly balance: string;
  /** Highest account_seq seen. */
  readonly version?: string;
  /** = version: complete; less: some missing; more: doubled. */
  readonly appliedCount?: string;
  /** A backfill folded every leg up to here into the balance. */
  readonly foldedSeq?: string;
  readonly updatedAt?: string;
}

/** One string key an account. */
export interface CacheRole {
  /** `{account_id}` stands for the account. */
  readonly keyPattern: string;
  /** balance: the value is the balance in minor units. labctl: see cache-entry.ts. */
  readonly format: 'labctl' | 'balance';
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
  readonly dedupKey?: string;
  readonly originTopic?: string;
  readonly originPartition?: string;
  readonly originOffset?: string;
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
  readonly topic?: string;
  readonly partition?: string;
  readonly offset?: string;
  readonly attempt?: string;
  readonly class?: string;
  readonly exception?: string;
  readonly message?: string;
  /** Empty while the delivery is on the ladder; absent where nothing like it is kept. */
  readonly settledAt?: string;
}

/** What each consumer has handled: the evidence that dedupes. */
export interface ProcessedRole {
  readonly table: string;
  readonly consumer: string;
  /** The projector's name in that column. */
  readonly projector?: string;
  readonly dedupKey: string;
  /** `applied`, or `folded` where a backfill had summed it up before. */
  readonly outcome?: string;
  readonly topic?: string;
  readonly partition?: string;
  readonly offset?: string;
  readonly processedAt?: string;
}
