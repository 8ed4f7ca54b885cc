import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import { scopeOf } from '../contract/scope.ts';
import { prepareScope } from '../scope/prepare.ts';
import { endLeases } from './end-leases.ts';
import { faultCases, killTheRunner } from './testing/killed-runner.ts';
import { lab, scope } from './testing/laboratory.ts';

/** Each fault on real engines, and what becomes of it when whoever injected it is killed in the middle. */

beforeAll(async () => {
  await prepareScope(inject('endpoints'), scopeOf(scope));
});
afterAll(async () => {
  await endLeases(lab, async () => {});
  await lab.stack.stop('mysql-proxy');
  await lab.stack.up(() => {}, new AbortController().signal);
});

describe('the runner is SIGKILLed in the middle of', () => {
  test.for(faultCases)('$name', async (of, { annotate }) => {
    const { wellMs, verifiedMs } = await killTheRunner(of);
    await annotate(`well ${wellMs} ms, verified ${verifiedMs} ms after the SIGKILL`);
  });
});
