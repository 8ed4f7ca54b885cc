/** A cache: nothing is written to disk. LFU, because without an LFU policy Redis counts no access frequencies. */
export const redisFlags: readonly string[] = [
  ...['--daemonize', 'no'],
  ...['--save', ''],
  ...['--appendonly', 'no'],
  ...['--maxmemory', '64mb'],
  ...['--maxmemory-policy', 'allkeys-lfu'],
  ...['--latency-monitor-threshold', '5'],
];
