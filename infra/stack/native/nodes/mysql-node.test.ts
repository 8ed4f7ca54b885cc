import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { refuseNewerData } from './mysql-node.ts';

/** A data folder that these versions opened, one after the other. */
function dataOf(...versions: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const entries = versions.map((version) => ({ date: '2026-11-25 17:37:06', version, maturity: 'LTS' }));
  const history = { file_format: '1', upgrade_history: entries };
  writeFileSync(join(folder, 'mysql_upgrade_history'), JSON.stringify(history));
  return folder;
}

test('data of a newer MySQL is refused in words, with both ways out', () => {
  expect(() => refuseNewerData(dataOf('8.4.3', '9.7.4'), '8.4.7')).toThrow(
    'this data was used by MySQL 9.7.4; 8.4.7 cannot open it',
  );
  expect(() => refuseNewerData(dataOf('9.10.0'), '9.9.0')).toThrow(/9\.10\.0/);
});

test('older data, that of the same release, and data without a history are opened', () => {
  expect(() => refuseNewerData(dataOf('8.4.3'), '9.7.4')).not.toThrow();
  expect(() => refuseNewerData(dataOf('9.7.4'), '9.7.1')).not.toThrow();
  expect(() => refuseNewerData(join(tmpdir(), 'labctl-no-data'), '8.4.7')).not.toThrow();
});
