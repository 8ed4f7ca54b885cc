import type { RowDataPacket } from 'mysql2/promise';
import { inject, onTestFinished } from 'vitest';
import { kafkaClient } from '../../../infra/kafka/client.ts';
import { connectRedis, redisClient } from '../../../infra/redis/client.ts';
import { plantDeadLetters } from '../../../infra/testing/plant-dead-letters.ts';
import { deadlockAbba, lockPlanting } from '../../../infra/testing/plant-deadlocks.ts';
import { beginTransaction } from '../../../infra/testing/plant-transactions.ts';
import type { Laboratory } from './laboratory.ts';
import { inTransaction, type Planting } from './planting.ts';

const deadLetter: Planting = {
  id: 'a dead letter',
  async plant({ pool, scope }) {
    const connection = await pool.getConnection();
    try {
      await plantDeadLetters(connection, [
        {
          class: 'permanent',
          exception: 'PlantedError',
          message: 'planted',
          eventType: 'BalanceChanged',
          topic: scope.topics.dlq,
          originOffset: 1_000_000_000,
        },
      ]);
    } finally {
      connection.release();
    }
    const { fingerprint } = await one(pool, "SELECT fingerprint FROM dlq_event WHERE exception = 'PlantedError'");
    return { dlq: `dlq.${fingerprint}` };
  },
};

async function one(pool: Laboratory['pool'], sql: string): Promise<Readonly<Record<string, unknown>>> {
  const [rows] = await pool.query<RowDataPacket[]>(sql);
  return rows[0] ?? {};
}

async function putIntoCache({ scope }: Laboratory, account: number, text: string): Promise<void> {
  const redis = redisClient(inject('endpoints').redis, 'test.planted');
  await connectRedis(redis);
  try {
    await redis.set(scope.cacheKey(String(account)), text, 'PX', 3_600_000);
  } finally {
    redis.disconnect();
  }
}

/** Whatever its account has was sent, consumed and applied long ago. */
const staleEntry: Planting = {
  id: 'a cache entry that outlived its invalidation',
  async plant(lab) {
    await inTransaction(lab, async (connection) => {
      await connection.query('INSERT INTO account (account_id, balance, account_seq) VALUES (999992, 7, 1)');
      await connection.query(
        "INSERT INTO ledger_entry (tx_id, account_id, account_seq, delta) VALUES ('planted-stale', 999992, 1, 7)",
      );
      await connection.query(
        `INSERT INTO outbox_event (event_id, dedup_key, event_type, account_id, payload, status, sent_at, sent_partition, sent_offset)
         VALUES ('planted-stale', 'planted-stale:999992', 'BalanceChanged', 999992, '{}', 'SENT', NOW(6), 0, 0)`,
      );
      await connection.query(
        `INSERT INTO processed_event (consumer, dedup_key, outcome, topic, partition_id, record_offset)
         VALUES ('balance-projector', 'planted-stale:999992', 'applied', ?, 0, 0)`,
        [lab.scope.topics.events],
      );
      await connection.query(
        `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)
         VALUES ('planted-stale:999992', 999992, 1, 7, 0, 0)`,
      );
      await connection.query(
        'INSERT INTO account_projection (account_id, balance, version, applied_count) VALUES (999992, 7, 1, 1)',
      );
    });
    await putIntoCache(lab, 999_992, 'E:0:0');
    return { cache: 'cache.stale.999992' };
  },
};

const aheadEntry: Planting = {
  id: 'a cache entry ahead of the database',
  async plant(lab) {
    await lab.pool.query('INSERT INTO account (account_id) VALUES (999991)');
    await putIntoCache(lab, 999_991, 'E:5:100');
    return { cache: 'cache.ahead.999991' };
  },
};

const crossedLocks: Planting = {
  id: 'two sessions that lock two rows in opposite order',
  async plant({ scope }) {
    const planting = await lockPlanting(inject('endpoints').mysql, scope.database);
    const pair = [await planting.session(), await planting.session()] as const;
    await deadlockAbba(planting, pair);
    return { deadlock: ['ab-ba', ...pair.map(({ threadId }) => String(threadId)).sort()].join(' ') };
  },
};

const openSession: Planting = {
  id: 'a session that keeps its transaction open',
  async plant({ pool }) {
    await pool.query('INSERT INTO account (account_id) VALUES (999990)');
    const connection = await pool.getConnection();
    onTestFinished(() => connection.destroy());
    await connection.beginTransaction();
    await connection.query('UPDATE account SET created_at = created_at WHERE account_id = 999990');
    return { mysql: `waits.transaction.${connection.threadId}` };
  },
};

const openTransaction: Planting = {
  id: 'a producer that keeps its transaction open',
  async plant({ scope }) {
    const kafka = kafkaClient({ brokers: inject('endpoints').kafka, clientId: 'test.planted' });
    const transactionalId = `planted.${scope.name}`;
    const { transaction } = await beginTransaction(kafka, transactionalId, { transactionTimeout: 600_000 });
    onTestFinished(() => transaction.abort());
    await transaction.send({ topic: scope.topics.retry1m, messages: [{ key: 'planted', value: 'planted' }] });
    return { transactions: `transactions.open.${transactionalId}` };
  },
};

export const enginePlantings: readonly Planting[] = [
  deadLetter,
  staleEntry,
  aheadEntry,
  crossedLocks,
  openSession,
  openTransaction,
];
