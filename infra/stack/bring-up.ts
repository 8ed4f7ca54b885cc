import type { Scope } from '../contract/scope.ts';
import { type Prepared, prepareScope } from '../scope/prepare.ts';
import type { OnDemandEngine } from './on-demand.ts';
import type { Endpoints, NodeStatus, OnStackEvent, Stack } from './stack.ts';

export interface BringUpOptions {
  readonly stack: Stack;
  readonly endpoints: Endpoints;
  readonly scope: Scope;
  /** Engines to start beyond those that every `up` starts. */
  readonly engines: readonly OnDemandEngine[];
  readonly onEvent: OnStackEvent;
  readonly signal: AbortSignal;
}

export interface BroughtUp {
  readonly nodes: readonly NodeStatus[];
  readonly prepared: Prepared;
}

/**
 * The whole of "up": engines that answer, and in them the database, the topics and the schema. Idempotent.
 * @throws EngineError, RefusedError or UserError of the stack; InterruptedError when the signal aborts.
 */
export async function bringUp({
  stack,
  endpoints,
  scope,
  engines,
  onEvent,
  signal,
}: BringUpOptions): Promise<BroughtUp> {
  await stack.up(onEvent, signal);
  const prepared = await prepareScope(endpoints, scope);
  for (const migration of prepared.migrations) onEvent({ kind: 'note', note: `migrated: ${migration}` });
  for (const topic of prepared.topics) onEvent({ kind: 'note', note: `topic created: ${topic}` });
  for (const engine of engines) await stack.ensure(engine, onEvent, signal);
  return { nodes: await stack.status(), prepared };
}
