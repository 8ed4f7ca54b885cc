import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFirstData } from './first-data.ts';

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'mysql');
}

async function fill(aside: string): Promise<void> {
  mkdirSync(join(aside, 'data'));
  writeFileSync(join(aside, 'data', 'ibdata1'), '');
  writeFileSync(join(aside, 'init.sql'), '');
}

test('the data stands in its place, and nothing else is left', async () => {
  const folder = dataDir();
  await makeFirstData(folder, fill);
  expect(readdirSync(folder)).toEqual(['ibdata1']);
  expect(readdirSync(join(folder, '..'))).toEqual(['mysql']);
});

test('what failed half way is not in its place, and is cleared by the next try', async () => {
  const folder = dataDir();
  const failing = makeFirstData(folder, async (aside) => {
    await fill(aside);
    throw new Error('killed');
  });
  await expect(failing).rejects.toThrow('killed');
  expect(existsSync(folder)).toBe(false);
  await makeFirstData(folder, fill);
  expect(readdirSync(join(folder, '..'))).toEqual(['mysql']);
});
