import type { EngineName } from '../../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { LabEndpoints, NodeName } from '../../stack.ts';
import type { Engines } from '../fetch/engines.ts';
import type { Layout } from '../layout.ts';

/** What nodes are made from. */
export interface NodeContext {
  readonly layout: Layout;
  readonly ports: Ports;
  readonly endpoints: LabEndpoints;
  readonly engines: Engines;
}

/** One engine process of the native stack: how it gets its data and settings, how it is started, and how it answers. */
export interface NativeNode {
  readonly name: NodeName;
  readonly engine: EngineName;
  readonly version: string;
  /** Writes settings and makes first data. Repeatable, and safe against having been killed half way. */
  prepare(signal: AbortSignal): Promise<void>;
  readonly launch: Launch;
  /** One round trip of its own protocol. Anything but true, a rejection included, means: not yet. */
  answers(): Promise<boolean>;
  /** What it may take from its start until it answers: a recovery after a crash included. */
  readonly readyTimeoutMs: number;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** It has no log file of its own: what it prints is its log. */
  readonly printsItsLog?: true;
}
