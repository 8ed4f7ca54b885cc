import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { type CommandStat, commandStats, errorCounts, type Info, latencyP99, numberIn, parseInfo } from './info.ts';
import type { ReadOnlyRedis } from './read-only.ts';

/** One Redis process by its own INFO. Counts are monotonic since it began, which `runId` identifies. */
export interface NodeFacts {
  readonly runId: string;
  readonly version: string;
  readonly role: 'master' | 'replica';
  /** By the server's own clock, microseconds. */
  readonly atUs: number;
  readonly uptimeSeconds: number;
  /** Round trip of a PING as this process sees it: network, the server's queue, and our own event loop. */
  readonly pingMs: number;
  readonly clients: { readonly connected: number; readonly blocked: number; readonly max: number | undefined };
  readonly rejectedConnections: number;
  /** `max` undefined: no limit is set. */
  readonly memory: { readonly used: number; readonly max: number | undefined; readonly policy: string };
  readonly evicted: number;
  readonly expired: number;
  readonly hits: number;
  readonly misses: number;
  /** Processor time of the server, user and system. */
  readonly cpuMs: number;
  readonly commands: Readonly<Record<string, CommandStat>>;
  /** By command, microseconds inside the server, over its whole life. */
  readonly p99Us: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Of a replica: its link to its master. */
  readonly link: ReplicaLink | undefined;
  /** Of a master: those that follow it, and how many bytes each has not acknowledged. */
  readonly replicas: readonly { readonly address: string; readonly state: string; readonly lagBytes: number }[];
}

interface ReplicaLink {
  readonly master: string;
  readonly isUp: boolean;
  readonly downSeconds: number;
  readonly lastIoSeconds: number;
}

/** @throws UnknownValue where the account may not; EngineError where the node does not answer. */
export async function readNode(client: ReadOnlyRedis): Promise<NodeFacts> {
  const startMs = systemClock.monotonic();
  await client.command('PING', [], z.string());
  const pingMs = systemClock.monotonic() - startMs;
  return factsOf(parseInfo(await client.command('INFO', ['all'], z.string())), pingMs);
}

export function factsOf(info: Info, pingMs: number): NodeFacts {
  const count = (name: string): number => numberIn(info, name) ?? 0;
  const text = (name: string): string => info.get(name) ?? '';
  const role = text('role') === 'slave' ? 'replica' : 'master';
  return {
    runId: text('run_id'),
    version: text('redis_version'),
    role,
    atUs: count('server_time_usec'),
    uptimeSeconds: count('uptime_in_seconds'),
    pingMs,
    clients: {
      connected: count('connected_clients'),
      blocked: count('blocked_clients'),
      max: numberIn(info, 'maxclients'),
    },
    rejectedConnections: count('rejected_connections'),
    memory: {
      used: count('used_memory'),
      max: count('maxmemory') > 0 ? count('maxmemory') : undefined,
      policy: text('maxmemory_policy'),
    },
    evicted: count('evicted_keys'),
    expired: count('expired_keys'),
    hits: count('keyspace_hits'),
    misses: count('keyspace_misses'),
    cpuMs: (count('used_cpu_sys') + count('used_cpu_user')) * 1000,
    commands: commandStats(info),
    p99Us: latencyP99(info),
    errors: errorCounts(info),
    link:
      role === 'master'
        ? undefined
        : {
            master: `${text('master_host')}:${text('master_port')}`,
            isUp: text('master_link_status') === 'up',
            downSeconds: count('master_link_down_since_seconds'),
            lastIoSeconds: count('master_last_io_seconds_ago'),
          },
    replicas: replicasOf(info, count('master_repl_offset')),
  };
}

/** `slave0:ip=127.0.0.1,port=17004,state=online,offset=812,lag=0`. */
function replicasOf(info: Info, offset: number): NodeFacts['replicas'] {
  return [...info].flatMap(([name, value]) => {
    if (!/^slave\d+$/.test(name)) return [];
    const of = (field: string): string => new RegExp(`(?:^|,)${field}=([^,]*)`).exec(value)?.[1] ?? '';
    const lagBytes = Math.max(0, offset - Number(of('offset')));
    return [{ address: `${of('ip')}:${of('port')}`, state: of('state'), lagBytes }];
  });
}

/** What happened between two readings of one process, by its own clock. */
export interface NodeRates {
  readonly seconds: number;
  /** Commands that serve somebody: neither replication nor anybody's looking around. */
  readonly ops: number;
  /** Mean time inside the server of those, microseconds; undefined without any. */
  readonly usecPerCall: number | undefined;
  /** Share of one core. */
  readonly cpu: number;
  readonly evicted: number;
  readonly expired: number;
  readonly hits: number;
  readonly misses: number;
  readonly rejectedConnections: number;
  /** Errors that were answered, by their first word; those that grew. */
  readonly errors: Readonly<Record<string, number>>;
  /** The most called first. */
  readonly commands: readonly { readonly command: string; readonly perSecond: number; readonly usecPerCall: number }[];
}

const housekeeping: ReadonlySet<string> = new Set(
  `acl asking auth client cluster command config debug failover hello info lastsave latency memory monitor ping psync
   quit readonly readwrite replconf role script select slowlog subscribe sync time unsubscribe wait`.split(/\s+/),
);

const isHousekeeping = (command: string): boolean => housekeeping.has(command.split('|')[0] ?? '');

/** Calls of the commands that serve somebody. */
export function servedCalls({ commands }: Pick<NodeFacts, 'commands'>): number {
  return Object.entries(commands).reduce((sum, [name, { calls }]) => sum + (isHousekeeping(name) ? 0 : calls), 0);
}

/** @returns undefined where it is another process, its statistics were reset, or no time passed. */
export function nodeRates(before: NodeFacts, now: NodeFacts): NodeRates | undefined {
  const seconds = (now.atUs - before.atUs) / 1e6;
  const calls = servedCalls(now) - servedCalls(before);
  if (now.runId !== before.runId || seconds <= 0 || calls < 0 || now.hits < before.hits) return undefined;
  const per = (name: 'evicted' | 'expired' | 'hits' | 'misses' | 'rejectedConnections'): number =>
    Math.max(0, now[name] - before[name]) / seconds;
  const commands = commandRates(before, now, seconds);
  const usec = commands.reduce((sum, { perSecond, usecPerCall }) => sum + perSecond * usecPerCall, 0);
  const ops = calls / seconds;
  return {
    seconds,
    ops,
    usecPerCall: ops > 0 ? usec / ops : undefined,
    cpu: Math.max(0, now.cpuMs - before.cpuMs) / 1000 / seconds,
    evicted: per('evicted'),
    expired: per('expired'),
    hits: per('hits'),
    misses: per('misses'),
    rejectedConnections: per('rejectedConnections'),
    errors: Object.fromEntries(
      Object.entries(now.errors).flatMap(([name, count]) => {
        const grown = count - (before.errors[name] ?? 0);
        return grown > 0 ? [[name, grown / seconds]] : [];
      }),
    ),
    commands,
  };
}

function commandRates(before: NodeFacts, now: NodeFacts, seconds: number): NodeRates['commands'] {
  return Object.entries(now.commands)
    .flatMap(([command, { calls, usec }]) => {
      const earlier = before.commands[command] ?? { calls: 0, usec: 0 };
      const grown = calls - earlier.calls;
      if (isHousekeeping(command) || grown <= 0) return [];
      return [{ command, perSecond: grown / seconds, usecPerCall: (usec - earlier.usec) / grown }];
    })
    .sort((a, b) => b.perSecond - a.perSecond);
}
