import type { Text } from '../../../text.ts';
import type { ServerEngine } from '../fetch/engines.ts';
import type { PackagedEngine } from '../fetch/fetch-engines.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

/** An engine of the native stack that its first user starts: its nodes, side by side, and what makes one of them. */
export interface NativeOnDemand {
  /** What the process of one node holds after some load. */
  readonly memoryMb: number;
  /** What an orderly stop of one node may take before SIGKILL. */
  readonly graceMs: number;
  nodes(context: OnDemandContext): Promise<readonly NativeNode[]>;
  /**
   * When all nodes answer: makes of them what their users expect, and returns when it is so. Repeatable, and safe against
   * having been killed half way. @throws EngineError
   */
  assemble?(context: Pick<OnDemandContext, 'ports'>, options: AssembleOptions): Promise<void>;
}

export interface OnDemandContext extends Omit<NodeContext, 'engines'> {
  /** The machine's own where it fits, else the private one, fetched first where it is not in the cache yet. */
  server(engine: Extract<PackagedEngine, 'redis' | 'prometheus'>): Promise<ServerEngine>;
}

export interface AssembleOptions {
  readonly signal: AbortSignal;
  readonly note: (text: Text) => void;
}
