/** A cache: nothing is written to disk. LFU, because without an LFU policy Redis counts no access frequencies. */
export const redisFlags: readonly string[] = [
  ...['--daemonize', 'no'],
  ...['--save', ''],
  ...['--appendonly', 'no'],
  ...['--maxmemory', '64mb'],
  ...['--maxmemory-policy', 'allkeys-lfu'],
  ...['--latency-monitor-threshold', '5'],
];

/** What a node of the cluster is told beyond that; a dead master is replaced within seconds, for people who watch. */
export const redisClusterFlags: readonly string[] = [
  ...['--cluster-enabled', 'yes'],
  ...['--cluster-config-file', 'nodes.conf'],
  ...['--cluster-announce-ip', '127.0.0.1'],
  ...['--cluster-node-timeout', '2000'],
  // Until a replica got a first byte, be it of a ping, CLUSTER SHARDS calls it loading; the default is every 10 s.
  ...['--repl-ping-replica-period', '1'],
  ...['--repl-diskless-sync', 'yes'],
  ...['--repl-diskless-sync-delay', '0'],
];
