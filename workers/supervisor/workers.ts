import { join } from 'node:path';
import type { Scope } from '../../infra/contract/scope.ts';
import { packageRoot, runsFromSource } from '../../infra/package-root.ts';

/** Every worker, and what a supervisor must know of it. A new worker is one line here and one folder. */
export const workers = {
  'transfer-writer': {},
  'outbox-relay': {},
  'balance-projector': { groupId: (scope: Scope) => scope.groups.projector },
  'cache-invalidator': { groupId: (scope: Scope) => scope.groups.invalidator },
  'balance-reader': {},
  'retry-forwarder': { groupId: (scope: Scope) => scope.groups.retryForwarder },
  'dlq-indexer': { groupId: (scope: Scope) => scope.groups.dlqIndexer },
} as const satisfies Record<string, { readonly groupId?: (scope: Scope) => string }>;

export type WorkerName = keyof typeof workers;

/** The consumer group a worker joins; undefined for one that consumes nothing. */
export function groupOf(worker: WorkerName, scope: Scope): string | undefined {
  const entry: { readonly groupId?: (scope: Scope) => string } = workers[worker];
  return entry.groupId?.(scope);
}

export function mainScriptOf(worker: WorkerName): string {
  return runsFromSource
    ? join(packageRoot, 'workers', worker, 'main.ts')
    : join(packageRoot, 'dist', 'workers', worker, 'main.js');
}
