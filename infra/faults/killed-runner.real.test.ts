import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import { scopeOf } from '../contract/scope.ts';
import { prepareScope } from '../scope/prepare.ts';
import { endLeases } from './end-leases.ts';
import { faultCases, killTheRunner } from './testing/killed-runner.ts';
import { lab, scope } from './testing/laboratory.ts';

/** One fault of each kind: a process, a signal, several nodes, a switch, the proxy. All of them are in the proof. */

beforeAll(async () => {
  await prepareScope(inject('endpoints'), scopeOf(scope));
});
afterAll(async () => {
  await endLeases(lab, async () => {});
  await lab.stack.stop('mysql-proxy');
  await lab.stack.up(() => {}, new AbortController().signal);
});

const ofEachKind = ['kill of a broker', 'pause of Redis', 'frozen followers', 'slow consumer', 'a cut before MySQL'];
const quick = faultCases.filter(({ name }) => ofEachKind.includes(name));
if (quick.length !== ofEachKind.length) throw new Error('a kind of fault has no case');

describe('the runner is SIGKILLed in the middle of', () => {
  test.for(quick)('$name', async (of, { annotate }) => {
    const { wellMs, verifiedMs } = await killTheRunner(of);
    await annotate(`well ${wellMs} ms, verified ${verifiedMs} ms after the SIGKILL`);
  });
});
