import type { ProcessIdentity, ProcessUsage } from '../process.ts';
import type { Tls } from '../tls.ts';
import { nodesOfEngine, type OnDemandEngine, type OnDemandNode, onDemandEngines } from './on-demand.ts';

/** The processes that `up` starts, in start order: the controller before its brokers; stopped in the reverse order. */
export const nodeNames = [
  'mysql',
  'redis',
  'kafka-controller',
  'kafka-1',
  'kafka-2',
  'kafka-3',
  'schema-registry',
] as const;
export type CoreNode = (typeof nodeNames)[number];
export type NodeName = CoreNode | OnDemandNode;

export const allNodeNames: readonly NodeName[] = [...nodeNames, ...onDemandEngines.flatMap(nodesOfEngine)];

export const brokerIds = { 'kafka-1': 1, 'kafka-2': 2, 'kafka-3': 3 } as const;

/** What `up` says while it works; the console shows these line by line as they come. */
export type StackEvent =
  | {
      readonly kind: 'fetch';
      readonly engine: string;
      readonly phase: 'start' | 'progress' | 'done';
      readonly note: string;
    }
  | {
      readonly kind: 'node';
      readonly node: NodeName;
      readonly phase: 'starting' | 'ready' | 'stopping' | 'stopped';
      readonly note: string;
    }
  | { readonly kind: 'note'; readonly note: string };

export type OnStackEvent = (event: StackEvent) => void;

export interface NodeStatus {
  readonly node: NodeName;
  /**
   * running: the process lives. Whether it *serves* is a probe's question (stack.health), not the process table's.
   * paused: it lives and is stopped by SIGSTOP. dead: it was started and its process is gone. stopped: never started, or
   * stopped in order.
   */
  readonly state: 'running' | 'paused' | 'dead' | 'stopped';
  readonly process?: ProcessIdentity;
  readonly usage?: ProcessUsage;
  readonly port: number;
  readonly version?: string;
  /** Where the driver has one: containers keep their logs themselves. */
  readonly logFile?: string;
}

/** native: processes of this machine. compose: containers, by docker-compose.yml. */
export const drivers = ['native', 'compose'] as const;
export type Driver = (typeof drivers)[number];

export interface LogOptions {
  /** How many lines from its end. */
  readonly lines: number;
  /** Goes on with new lines until the signal aborts. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** One interface for both drivers; faults and probes go through it and cannot tell them apart. */
export interface Stack {
  readonly driver: Driver;
  /** Fetches what is missing, starts every node of `nodeNames`, and returns when each one answers its own protocol. */
  up(onEvent: OnStackEvent, signal: AbortSignal): Promise<void>;
  /**
   * Brings an engine up that `up` leaves out, for whoever needs it, and returns when it serves: a cluster when it is
   * whole. What runs is left alone. Needs no `up` before it. @throws as `up` does.
   */
  ensure(engine: OnDemandEngine, onEvent: OnStackEvent, signal: AbortSignal): Promise<void>;
  /** Stops all that runs in order, brokers before their controller. `wipe` deletes all data too. */
  down(options: { readonly wipe: boolean }, onEvent: OnStackEvent): Promise<void>;
  /** The nodes of `nodeNames`, then those of the on-demand engines that were started and not all stopped again. */
  status(): Promise<readonly NodeStatus[]>;
  /** SIGKILL. @throws RefusedError when the node does not run. */
  kill(node: NodeName): Promise<void>;
  /** SIGSTOP: the process freezes, its sockets stay open. @throws RefusedError when the node does not run. */
  pause(node: NodeName): Promise<void>;
  /** SIGCONT. A node that is not paused is left alone. */
  resume(node: NodeName): Promise<void>;
  /**
   * Stops one node in order, as `down` does; a stopped one is left alone. Its data stays.
   * @param signal gives up waiting for another labctl; a stop that has begun goes on to its end.
   */
  stop(node: NodeName, signal?: AbortSignal): Promise<void>;
  /** Starts one node and waits until it answers. A running node is left alone. */
  start(node: NodeName, signal: AbortSignal): Promise<void>;
  endpoint(node: NodeName): { readonly host: string; readonly port: number };
  /** The node's own log, line by line. @throws UserError when it has written none yet; EngineError. */
  logs(node: NodeName, options: LogOptions): AsyncIterable<string>;
}

/** Where the engines of a stack listen; what clients need to know and no more. */
export interface Endpoints {
  readonly kafka: readonly string[];
  /** Absent: in the clear, and nobody logs in. */
  readonly kafkaSecurity?: KafkaSecurity;
  readonly mysql: MysqlEndpoint;
  readonly redis: RedisEndpoint;
  /** Base URL of the Confluent-compatible API. */
  readonly registry: string;
  /** All nodes of the cluster; whether they run is `Stack.ensure`'s business. Absent where there can be none. */
  readonly redisCluster?: readonly RedisEndpoint[];
  /** Base URL; as `redisCluster`. */
  readonly prometheus?: string;
}

export interface MysqlEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly tls?: Tls;
}

export interface RedisEndpoint {
  readonly host: string;
  readonly port: number;
  /** Of an ACL; absent: the default user. */
  readonly user?: string;
  readonly password?: string;
  readonly tls?: Tls;
}

export interface KafkaSecurity {
  readonly tls?: Tls;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly user: string;
    readonly password: string;
  };
}

/** The lab can have every engine. */
export type LabEndpoints = Required<Omit<Endpoints, 'kafkaSecurity'>>;
