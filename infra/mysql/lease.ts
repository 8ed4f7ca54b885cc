import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { Connection } from './pool.ts';
import { inTransaction } from './transaction.ts';

/**
 * Leases with a fencing epoch, in the table `lease`. The holder works through one connection of its own; whoever takes
 * over kills that connection first, so that a holder that was frozen cannot write when it wakes, and raises the epoch,
 * so that what it wrote down elsewhere can be told from the new holder's.
 */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly epoch: bigint;
}

interface LeaseRow extends RowDataPacket {
  readonly owner: string;
  readonly connection_id: string;
  readonly epoch: string;
  readonly expired: number | string;
  readonly owner_connected: number | string;
}

/**
 * Takes the lease when it is free, expired, our own, or its holder's connection is gone from the server.
 * @returns undefined while a live holder has it.
 */
export async function acquireLease(
  connection: Connection,
  { name, owner, ttlMs }: { readonly name: string; readonly owner: string; readonly ttlMs: number },
): Promise<Lease | undefined> {
  return inTransaction(connection, async () => {
    const [rows] = await connection.query<LeaseRow[]>(
      `SELECT owner, connection_id, epoch, expires_at < NOW(6) AS expired,
              EXISTS (SELECT 1 FROM performance_schema.session_connect_attrs attrs
                      WHERE attrs.processlist_id = lease.connection_id
                        AND attrs.attr_name = 'labctl_owner' AND attrs.attr_value = lease.owner) AS owner_connected
       FROM lease WHERE name = ? FOR UPDATE`,
      [name],
    );
    const row = rows[0];
    const ours = row?.owner === owner;
    const ownerConnected = Number(row?.owner_connected ?? 0) === 1;
    if (row !== undefined && !ours && ownerConnected && Number(row.expired) === 0) return undefined;
    if (row !== undefined && !ours && ownerConnected) await killConnection(connection, row.connection_id);
    const epoch = BigInt(row?.epoch ?? 0) + (ours ? 0n : 1n);
    await connection.query(
      `INSERT INTO lease (name, owner, connection_id, epoch, expires_at)
       VALUES (?, ?, CONNECTION_ID(), ?, NOW(6) + INTERVAL ? MICROSECOND)
       ON DUPLICATE KEY UPDATE owner = VALUES(owner), connection_id = VALUES(connection_id), epoch = VALUES(epoch),
                               expires_at = VALUES(expires_at)`,
      [name, owner, String(epoch), ttlMs * 1000],
    );
    return { name, owner, epoch };
  });
}

/** Renews all of them in one statement. @returns false when at least one is no longer ours: then none may be trusted. */
export async function renewLeases(connection: Connection, leases: readonly Lease[], ttlMs: number): Promise<boolean> {
  const [first] = leases;
  if (first === undefined) return true;
  const [result] = await connection.query<ResultSetHeader>(
    'UPDATE lease SET expires_at = NOW(6) + INTERVAL ? MICROSECOND WHERE owner = ? AND (name, epoch) IN (?)',
    [ttlMs * 1000, first.owner, leases.map((lease) => [lease.name, String(lease.epoch)])],
  );
  return result.affectedRows === leases.length;
}

/** Gives them back at once instead of letting them run out; the connection has nothing more to fear from the next holder. */
export async function releaseLeases(connection: Connection, leases: readonly Lease[]): Promise<void> {
  const [first] = leases;
  if (first === undefined) return;
  await connection.query(
    "UPDATE lease SET owner = '', connection_id = 0, expires_at = NOW(6) WHERE owner = ? AND (name, epoch) IN (?)",
    [first.owner, leases.map((lease) => [lease.name, String(lease.epoch)])],
  );
}

/** KILL has no placeholder syntax; the id was a BIGINT column and is digits only. 1094: it ended by itself meanwhile. */
async function killConnection(connection: Connection, connectionId: string): Promise<void> {
  try {
    await connection.query(`KILL ${BigInt(connectionId)}`);
  } catch (error) {
    if ((error as { errno?: number }).errno !== 1094) throw error;
  }
}
