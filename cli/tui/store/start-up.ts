import { type NodeName, nodeNames, type StackEvent } from '../../../infra/stack/stack.ts';
import type { Text } from '../../../infra/text.ts';

/** The engines coming up, as the events of `labctl up` tell it. */
export interface StartUp {
  readonly phase: 'none' | 'running' | 'done' | 'failed';
  readonly startedAtMs: number;
  readonly fetches: readonly Fetch[];
  readonly nodes: readonly NodeProgress[];
  /** The newest notes, oldest first. */
  readonly notes: readonly string[];
  readonly failure?: Failure;
}

/** What failed, why, and what the operator can try. */
export interface Failure {
  readonly what: Text;
  readonly why?: Text;
  readonly tryThis: readonly Text[];
}

export interface Fetch {
  readonly engine: string;
  readonly done: boolean;
  readonly note: string;
  readonly sinceMs: number;
  readonly tookMs?: number;
}

export interface NodeProgress {
  readonly node: NodeName;
  readonly phase: 'waiting' | 'starting' | 'ready' | 'stopping' | 'stopped';
  readonly note: string;
  readonly sinceMs: number;
  readonly tookMs?: number;
}

const keptNotes = 50;

export function startUpFrom(phase: 'none' | 'running', nowMs: number): StartUp {
  return {
    phase,
    startedAtMs: nowMs,
    fetches: [],
    nodes: nodeNames.map((node) => ({ node, phase: 'waiting', note: '', sinceMs: nowMs })),
    notes: [],
  };
}

/** Pure: the start-up after one more event. */
export function afterEvent(startUp: StartUp, event: StackEvent, nowMs: number): StartUp {
  switch (event.kind) {
    case 'fetch':
      return { ...startUp, fetches: withFetch(startUp.fetches, event, nowMs) };
    case 'node':
      return {
        ...startUp,
        nodes: startUp.nodes.map((node) => (node.node === event.node ? nodeAfter(node, event, nowMs) : node)),
      };
    case 'note':
      return { ...startUp, notes: [...startUp.notes, event.note].slice(-keptNotes) };
  }
}

type FetchEvent = Extract<StackEvent, { kind: 'fetch' }>;
type NodeEvent = Extract<StackEvent, { kind: 'node' }>;

function withFetch(fetches: readonly Fetch[], event: FetchEvent, nowMs: number): readonly Fetch[] {
  const before = fetches.find(({ engine }) => engine === event.engine);
  const sinceMs = before?.sinceMs ?? nowMs;
  const fetch: Fetch = {
    engine: event.engine,
    done: event.phase === 'done',
    note: event.note === '' ? (before?.note ?? '') : event.note,
    sinceMs,
    ...(event.phase === 'done' ? { tookMs: nowMs - sinceMs } : {}),
  };
  return before === undefined ? [...fetches, fetch] : fetches.map((known) => (known === before ? fetch : known));
}

function nodeAfter(node: NodeProgress, event: NodeEvent, nowMs: number): NodeProgress {
  const { phase, note } = event;
  if (phase !== 'ready') return { node: node.node, phase, note, sinceMs: nowMs };
  return { ...node, phase, note, ...(node.phase === 'starting' ? { tookMs: nowMs - node.sinceMs } : {}) };
}
