import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../infra/clock.ts';
import { faultsFolder } from '../infra/faults/folder.ts';
import type { FaultLease, HealRecord } from '../infra/faults/lease.ts';
import { type FaultStore, faultStore } from '../infra/faults/store.ts';
import { identify } from '../infra/process.ts';
import { exitCodes } from './output/exit-codes.ts';
import { runCommandLine } from './run.ts';
import { recordingHost } from './testing/recording-host.ts';

/** The commands about faults, without engines: what they refuse, and what the list says. */

function laboratory(): { readonly store: FaultStore; run(line: string): ReturnType<typeof labctl> } {
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-cli-faults-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  return { store: faultStore(faultsFolder(stateDir)), run: (line) => labctl(line, stateDir) };
}

async function labctl(line: string, stateDir: string) {
  const { host, stdout, stderr } = recordingHost(line, { LABCTL_STATE_DIR: stateDir, LABCTL_PORT_OFFSET: '1900' });
  const code = await runCommandLine(host);
  return { code, stdout: stdout(), stderr: stderr() };
}

const leaseOf = (over: Partial<FaultLease> = {}): FaultLease => ({
  id: 'kill-00aa11',
  kind: 'kill',
  parameters: { node: 'kafka-2' },
  target: 'kafka-2',
  claims: ['node:kafka-2'],
  phase: 'broken',
  who: 'kim',
  takenAtMs: systemClock.now(),
  expiresAtMs: systemClock.now() + 60_000,
  ...over,
});

/** This very process stands for the healer: it lives, so no command touches the lease. */
async function guarded(store: FaultStore, lease: FaultLease): Promise<void> {
  store.write(lease);
  const self = await identify(process.pid);
  if (self !== undefined) store.arm(lease.id, self);
}

const record: HealRecord = {
  ...{ id: 'pause-00bb22', kind: 'pause', target: 'mysql', who: 'lee', takenAtMs: 1_000, expiresAtMs: 31_000 },
  ...{ outcome: 'healed', cause: 'owner-died', by: 'healer', dueAtMs: 20_000, healedAtMs: 21_234, attempts: 3 },
  error: 'a port is taken: 13306 (mysql) by mysqld \u001b[31m(pid 12)',
};

describe('fault list', () => {
  test('says that there is nothing', async () => {
    const { run } = laboratory();
    expect(await run('fault list')).toEqual({ code: exitCodes.ok, stdout: 'No fault is active\n', stderr: '' });
    expect((await run('fault list --lang ko')).stdout).toBe('걸려 있는 장애가 없습니다\n');
  });

  test('names what is active and how earlier ones ended, in both languages', async () => {
    const { store, run } = laboratory();
    await guarded(store, leaseOf());
    await store.record(record);
    const { code, stdout, stderr } = await run('fault list');
    expect([code, stderr]).toEqual([exitCodes.ok, '']);
    expect(stdout).toMatch(/^kill-00aa11 +kill +kafka-2 +kim +\d\d:\d\d:\d\d +(?:60|59)\.\d s +alive$/m);
    expect(stdout).toMatch(
      /^pause-00bb22 +pause +mysql +lee .* its runner died +its healer +1\.2 s +2 × a port is taken: 13306/m,
    );
    expect(stdout).not.toContain('\u001b');
    expect((await run('fault list --lang ko')).stdout).toMatch(
      /pause-00bb22 .* 실행 프로세스가 죽음 +치유 프로세스 +1\.2 s/,
    );
    expect((await run('fault list -n 0')).stdout).not.toContain('pause-00bb22');
  });

  test('as one document', async () => {
    const { store, run } = laboratory();
    await guarded(store, leaseOf());
    await store.record(record);
    const document: unknown = JSON.parse((await run('fault list --json')).stdout);
    expect(document).toMatchObject({
      schema: 'labctl.fault.list/1',
      active: [{ id: 'kill-00aa11', healerWorks: true, leftMs: expect.any(Number) }],
      history: [{ id: 'pause-00bb22', healedAfterDueMs: 1_234, attempts: 3, cause: 'owner-died' }],
    });
  });

  test('an expired one that could not be healed is exit code 5, with the reason', async () => {
    const { store, run } = laboratory();
    const failure = { attempts: 4, lastAtMs: systemClock.now(), error: 'the engines were not fetched yet' };
    await guarded(store, leaseOf({ expiresAtMs: systemClock.now() - 5_000, failure }));
    const { code, stdout } = await run('fault list');
    expect(code).toBe(exitCodes.cleanupFailed);
    expect(stdout).toMatch(/overdue 5\.\d s/);
    expect(stdout).toContain('kill-00aa11 could not be healed (attempts: 4): the engines were not fetched yet');
  });
});

describe('fault heal', () => {
  test('of nothing is fine, of one that has ended too', async () => {
    const { store, run } = laboratory();
    await store.record(record);
    for (const line of ['fault heal --all', 'fault heal pause-00bb22']) {
      expect(await run(line)).toEqual({ code: exitCodes.ok, stdout: 'No fault is active\n', stderr: '' });
    }
  });

  test('wants to know which, and names the nearest', async () => {
    const { store, run } = laboratory();
    await guarded(store, leaseOf());
    expect(await run('fault heal')).toMatchObject({ code: exitCodes.usage, stdout: '' });
    expect((await run('fault heal kill-00aa12')).stderr).toContain('labctl fault heal kill-00aa11');
    expect((await run('fault heal kill-00aa11 --all')).code).toBe(exitCodes.usage);
  });

  test('that does not work says why, with exit code 5: these engines are not here', async () => {
    const { store, run } = laboratory();
    store.write(leaseOf({ kind: 'teleport' }));
    const { code, stdout } = await run('fault heal kill-00aa11');
    expect(code).toBe(exitCodes.cleanupFailed);
    expect(stdout).toMatch(/could not be healed \(\d+ attempts?\): this labctl knows no fault "teleport"/);
    expect(store.leases()).toHaveLength(1);
  });
});

describe('what cannot be ordered', () => {
  test.each([
    ['fault kill kafak-2', /"kafak-2" is not a node of the lab\n.*kafka-controller.*\n {2}try {3}kafka-2/],
    ['fault kill 10.0.0.7:9092', /"10.0.0.7:9092" is not a node of the lab/],
    ['fault pause redis --for 1h', /"1h" cannot be used\n {2}why {3}it takes from 1s to 10m/],
    ['fault stop mysql --for 90', /"90" is not a span of time\n.*\n {2}try {3}90s/],
    ['fault slow balance-projectr', /is not a worker that consumes\n.*\n {2}try {3}balance-projector/],
    ['fault slow outbox-relay', /is not a worker that consumes\n {2}why {3}there are: balance-projector, cache-inv/],
    ['fault slow balance-projector --by 2m', /it takes from 1ms to 1m/],
    ['fault dependency fx', /there are: fx-rates/],
    ['fault bug BalanceAdjust', /is not an event type\n.*\n {2}try {3}BalanceAdjusted/],
    ['fault poison 5', /"5" is not a share\n.*\n {2}try {3}5%/],
    ['fault poison 0%', /above 0% and at most 100%/],
    ['fault freeze-followers --partition -1', /--partition/],
    ['fault', /kill \| pause \| stop/],
  ])('%s', async (line, words) => {
    const { run } = laboratory();
    const { code, stdout, stderr } = await run(line);
    expect(stderr).toMatch(words);
    expect([code, stdout]).toEqual([exitCodes.usage, '']);
  });

  test('a node that does not run: refused, with nothing written', async () => {
    const { store, run } = laboratory();
    const { code, stderr } = await run('fault kill redis --lang ko');
    expect(code).toBe(exitCodes.refused);
    expect(stderr).toContain('redis은(는) 실행 중이 아닙니다');
    expect(store.leases()).toEqual([]);
  });
});
