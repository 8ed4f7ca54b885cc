import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nextIndex } from './resume.ts';

function journalWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'writer.ndjson');
  writeFileSync(file, text);
  return file;
}

const invoke = (txId: string) => JSON.stringify({ kind: 'invoke', txId, from: '1', to: '2', amount: '3', at: 1 });

test('goes on behind the highest invoked index of its own run, whatever became of it', async () => {
  const file = journalWith(`${invoke('r-00000004')}\n${invoke('r-00000002')}\n${invoke('other-00000009')}\n`);
  expect(await nextIndex(file, 'r')).toBe(5);
});

test('a last line that SIGKILL cut short was not said', async () => {
  expect(await nextIndex(journalWith(`${invoke('r-00000004')}\n{"kind":"invoke","txId":"r-0000`), 'r')).toBe(5);
});

test('starts at zero without a journal', async () => {
  expect(await nextIndex(undefined, 'r')).toBe(0);
  expect(await nextIndex('/nowhere/at/all', 'r')).toBe(0);
});
