import type { Scope } from '../contract/scope.ts';
import { type Prepared, prepareScope } from '../scope/prepare.ts';
import { type Language, say, type Text } from '../text.ts';
import type { OnDemandEngine } from './on-demand.ts';
import type { Endpoints, NodeStatus, OnStackEvent, Stack } from './stack.ts';

export interface BringUpOptions {
  readonly stack: Stack;
  readonly endpoints: Endpoints;
  readonly scope: Scope;
  /** Engines to start beyond those that every `up` starts. */
  readonly engines: readonly OnDemandEngine[];
  /** Of the notes that come as events; English where it is absent. */
  readonly language?: Language;
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
  language = 'en',
  onEvent,
  signal,
}: BringUpOptions): Promise<BroughtUp> {
  await stack.up(onEvent, signal);
  const prepared = await prepareScope(endpoints, scope);
  const notes = [...prepared.migrations.map(migrated), ...prepared.topics.map(topicCreated)];
  for (const note of notes) onEvent({ kind: 'note', note: say(note, language) });
  for (const engine of engines) await stack.ensure(engine, onEvent, signal);
  return { nodes: await stack.status(), prepared };
}

const migrated = (name: string): Text => ({ ko: `마이그레이션 적용: ${name}`, en: `migrated: ${name}` });
const topicCreated = (name: string): Text => ({ ko: `토픽 생성: ${name}`, en: `topic created: ${name}` });
