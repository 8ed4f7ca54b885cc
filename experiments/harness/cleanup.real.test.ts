import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { scopeOf } from '../../infra/contract/scope.ts';
import { identify } from '../../infra/process.ts';
import { connectRedis, redisClient } from '../../infra/redis/client.ts';
import { seedAccounts } from '../../infra/scope/accounts.ts';
import { prepareScope } from '../../infra/scope/prepare.ts';
import { outboxRelay } from '../E-001-outbox-relay.ts';
import { cleanupExperiment } from './cleanup.ts';
import { isEmpty, leftoversOf, removeScopes } from './leftovers.ts';
import { machineFacts, type RunMetadata } from './metadata.ts';
import { createRunFolder } from './run-folder.ts';
import { holdRunLock } from './run-lock.ts';
import { armScope, newRunName } from './scopes.ts';

const endpoints = inject('endpoints');
let stateDir = '';
const made: string[] = [];
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'labctl-cleanup-'));
});
afterEach(async () => {
  await removeScopes(endpoints, made.splice(0));
  await rm(stateDir, { recursive: true, force: true });
});

/** What a killed runner leaves: a prepared scope with accounts and a cache key. */
async function leftBehind(experimentId: string): Promise<{ scope: string; token: string; runId: string }> {
  const name = newRunName(experimentId, 0);
  const scope = armScope(experimentId, name.token, 0);
  made.push(scope);
  await prepareScope(endpoints, scopeOf(scope));
  await seedAccounts(endpoints, scopeOf(scope), { first: 1, count: 3 });
  const redis = redisClient(endpoints.redis, 'labctl.test');
  await connectRedis(redis);
  await redis.set(scopeOf(scope).cacheKey(1n), 'E:1:5');
  redis.disconnect();
  return { scope, ...name };
}

const topicsOf = (scope: string): string[] => Object.values(scopeOf(scope).topics);

async function recordRun({ token, runId, scope }: { token: string; runId: string; scope: string }): Promise<void> {
  const self = await identify(process.pid);
  if (self === undefined) throw new Error('this process has no identity');
  const metadata: RunMetadata = {
    experiment: 'E-001',
    runId,
    token,
    seed: 1,
    fast: true,
    needs: 'shared',
    startedAtMs: 0,
    process: self,
    scopes: [{ arm: 'a-undisturbed', scope }],
    argv: [],
    engines: {},
    machine: machineFacts(),
  };
  await createRunFolder(stateDir, metadata);
}

test('removes what a killed run left, says what it was, and finds nothing the second time', async () => {
  const { scope } = await leftBehind('E-001');
  const report = await cleanupExperiment({ experiment: outboxRelay, config: { stateDir }, endpoints });
  expect(report).toMatchObject({ cleanup: 'clean', skipped: [], problems: [] });
  const removed = report.removed.find((one) => one.scope === scope);
  expect(removed).toMatchObject({ database: true, groups: [], cacheKeys: 1 });
  expect(removed?.topics.toSorted()).toEqual(topicsOf(scope).toSorted());
  expect((await leftoversOf(endpoints, [scope])).every(isEmpty)).toBe(true);
  const again = await cleanupExperiment({ experiment: outboxRelay, config: { stateDir }, endpoints });
  expect(again).toMatchObject({ cleanup: 'clean', removed: [] });
});

test('leaves a living run, another experiment and everything else alone', async () => {
  const living = await leftBehind('E-001');
  const other = await leftBehind('E-002');
  await recordRun(living);
  const report = await cleanupExperiment({ experiment: outboxRelay, config: { stateDir }, endpoints });
  expect(report.skipped).toEqual([{ scope: living.scope, runId: living.runId, pid: process.pid }]);
  expect(report.removed.map(({ scope }) => scope)).not.toContain(other.scope);
  for (const left of await leftoversOf(endpoints, [living.scope, other.scope])) {
    expect(left).toMatchObject({ database: true, cacheKeys: 1 });
    expect(left.topics).toHaveLength(topicsOf(living.scope).length);
  }
});

test('leaves a run alone that another clone started, until it is gone', async () => {
  const { scope, token } = await leftBehind('E-001');
  const lock = await holdRunLock(endpoints, token);
  const during = await cleanupExperiment({ experiment: outboxRelay, config: { stateDir }, endpoints });
  expect(during.skipped).toContainEqual({ scope, runId: null, pid: null });
  expect((await leftoversOf(endpoints, [scope])).every(isEmpty)).toBe(false);
  await lock.release();
  const after = await cleanupExperiment({ experiment: outboxRelay, config: { stateDir }, endpoints });
  expect(after.removed.map((removed) => removed.scope)).toContain(scope);
});
