import type { NodeStatus } from '../stack/stack.ts';

export interface StackHealth {
  /** In the order they are started. */
  readonly engines: readonly EngineHealth[];
}

export interface EngineHealth {
  /** The node's name where labctl runs it (`kafka-2`), else the engine and its address. */
  readonly name: string;
  readonly engine: 'kafka' | 'mysql' | 'redis' | 'registry';
  /** `host:port`. */
  readonly endpoint: string;
  /** What came of one round trip of the engine's own protocol to that very node. */
  readonly answer: EngineAnswer;
  /** Where labctl runs the engine itself: what the process table says. */
  readonly process: Pick<NodeStatus, 'state' | 'usage' | 'version'> | undefined;
}

export type EngineAnswer =
  | { readonly serves: true; readonly latencyMs: number; readonly detail: string }
  | { readonly serves: false; readonly reason: string }
  /** It cannot be asked by itself and who could be asked did not answer: a controller behind dead brokers. */
  | { readonly serves: 'unknown'; readonly reason: string };
