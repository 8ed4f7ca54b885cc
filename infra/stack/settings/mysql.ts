/** From 541 MB of memory down to 330, with performance_schema on: fewer and smaller tables, buffers for a lab. */
const smallServer = [
  '--table-open-cache=400',
  '--table-definition-cache=400',
  '--performance-schema-digests-size=500',
  '--performance-schema-max-table-instances=400',
  '--performance-schema-events-statements-history-long-size=100',
  '--performance-schema-error-size=100',
  '--innodb-buffer-pool-size=128M',
  '--innodb-log-buffer-size=8M',
  '--temptable-max-ram=64M',
  '--key-buffer-size=1M',
];
/** Money: a committed transaction survives SIGKILL and a power cut. */
const durable = ['--innodb-flush-log-at-trx-commit=1', '--sync-binlog=1', '--binlog-expire-logs-seconds=3600'];
/** Every deadlock goes to the log, not only the latest one to SHOW ENGINE INNODB STATUS. */
const observable = ['--performance-schema=ON', '--innodb-print-all-deadlocks=ON'];

/** What mysqld is told, whatever runs it. */
export const mysqldFlags: readonly string[] = [
  '--mysqlx=OFF', // it would want port 33060, which no offset moves
  '--secure-file-priv=',
  ...smallServer,
  ...durable,
  ...observable,
];
