import type { Config } from '../../config.ts';
import { InterruptedError } from '../../errors.ts';
import type { ProcessIdentity } from '../../process.ts';
import type { Ports } from '../ports.ts';
import type { OnStackEvent } from '../stack.ts';
import type { Layout } from './layout.ts';
import type { NativeNode } from './nodes/native-node.ts';
import { launchNode, waitUntilAnswers } from './start-node.ts';
import type { LivingNodes } from './survey.ts';

export interface UpContext {
  readonly config: Config;
  readonly layout: Layout;
  readonly ports: Ports;
  readonly env: NodeJS.ProcessEnv;
  readonly onEvent: OnStackEvent;
  readonly signal: AbortSignal;
}

interface Launched {
  readonly process: ProcessIdentity;
  readonly isNew: boolean;
}

/** Starts one node unless it runs, and waits until it answers. @throws EngineError; InterruptedError. */
export async function ensureNode(node: NativeNode, living: LivingNodes, context: UpContext): Promise<void> {
  await ensureAnswers(node, await ensureLaunched(node, living, context), context);
}

export async function ensureLaunched(node: NativeNode, living: LivingNodes, context: UpContext): Promise<Launched> {
  const running = living.get(node.name);
  if (running !== undefined) return { process: running, isNew: false };
  if (context.signal.aborted) throw new InterruptedError();
  context.onEvent({ kind: 'node', node: node.name, phase: 'starting', note: node.version });
  return { process: await launchNode(node, context.layout, context.signal), isNew: true };
}

export async function ensureAnswers(node: NativeNode, { process, isNew }: Launched, context: UpContext): Promise<void> {
  const { layout, ports, onEvent, signal } = context;
  const waitedMs = await waitUntilAnswers(node, process, layout, signal);
  const where = `${node.version}, 127.0.0.1:${ports[node.name]}`;
  const note = isNew ? `${where}, ${(waitedMs / 1000).toFixed(1)} s` : where;
  onEvent({ kind: 'node', node: node.name, phase: 'ready', note });
}
