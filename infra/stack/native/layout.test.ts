import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { layoutOf, makeLayout, removeDoomed, wipeLayout } from './layout.ts';

test('the socket lies beside the data where its path is short enough', () => {
  expect(layoutOf('/srv/labctl/.lab').socketFile).toBe('/srv/labctl/.lab/stack/mysql.sock');
});

test.each([
  { what: 'deep', stateDir: `/srv/${'folder/'.repeat(14)}.lab` },
  { what: 'Korean, three bytes a syllable', stateDir: `/srv/${'폴더'.repeat(15)}` },
])('a $what path gets a short one, always the same and different from other stacks', ({ stateDir }) => {
  const { socketFile } = layoutOf(stateDir);
  expect(Buffer.byteLength(socketFile)).toBeLessThan(107);
  expect(layoutOf(stateDir).socketFile).toBe(socketFile);
  expect(layoutOf(`${stateDir}x`).socketFile).not.toBe(socketFile);
});

function madeLayout(deep: string) {
  const base = mkdtempSync(join(tmpdir(), 'labctl-layout-'));
  onTestFinished(() => rmSync(base, { recursive: true }));
  const stateDir = join(base, deep);
  const layout = layoutOf(stateDir);
  makeLayout(layout);
  return layout;
}

test.each(['lab', 'deep/'.repeat(16)])('a wipe of %s leaves the logs and nothing else', (deep) => {
  const layout = madeLayout(deep);
  mkdirSync(layout.dataDir('mysql'), { recursive: true });
  writeFileSync(join(layout.dataDir('mysql'), 'ibdata1'), 'x');
  writeFileSync(layout.socketFile, '');
  writeFileSync(layout.logFile('mysql'), 'what was');
  wipeLayout(layout);
  expect(readdirSync(layout.stackDir)).toEqual([]);
  expect(readdirSync(layout.stateDir).sort()).toEqual(['logs', 'stack']);
  expect(existsSync(layout.logFile('mysql'))).toBe(true);
  if (dirname(layout.socketFile) !== layout.stackDir) expect(existsSync(dirname(layout.socketFile))).toBe(false);
});

test('a wipe that was killed leaves half a data folder under a name that nobody takes for data', () => {
  const layout = madeLayout('lab');
  const half = join(layout.stackDir, 'doomed', 'mysql');
  mkdirSync(half, { recursive: true });
  writeFileSync(join(half, 'ibdata1'), 'x');
  expect(existsSync(layout.dataDir('mysql'))).toBe(false);
  removeDoomed(layout);
  expect(existsSync(dirname(half))).toBe(false);
});
