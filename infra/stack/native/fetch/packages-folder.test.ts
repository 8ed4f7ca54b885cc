import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ExpectedPackage, keepWholePackages, parsePrintedUris } from './packages-folder.ts';

test('what apt would download is read with its size and hash', () => {
  const output = `'http://deb.debian.org/debian/pool/main/g/gcc-12/libstdc%2b%2b6_12.2.0-14%2bdeb12u1_amd64.deb' libstdc++6_12.2.0-14+deb12u1_amd64.deb 612604 MD5Sum:d5a137316d9551b28daed14e209d5538
'http://deb.debian.org/debian/pool/main/r/redis/redis-tools_7.0.15-1_amd64.deb' redis-tools_5%3a7.0.15-1_amd64.deb 988000 SHA256:ab12
'http://archive.ubuntu.com/x.deb' x_1_amd64.deb 10
Reading package lists...
`;
  expect(parsePrintedUris(output)).toEqual([
    {
      file: 'libstdc++6_12.2.0-14+deb12u1_amd64.deb',
      bytes: 612604,
      hash: { algorithm: 'md5', hex: 'd5a137316d9551b28daed14e209d5538' },
    },
    { file: 'redis-tools_5%3a7.0.15-1_amd64.deb', bytes: 988000, hash: { algorithm: 'sha256', hex: 'ab12' } },
    { file: 'x_1_amd64.deb', bytes: 10, hash: undefined },
  ]);
});

function packageOf(file: string, text: string): ExpectedPackage {
  const hex = createHash('md5').update(text).digest('hex');
  return { file, bytes: text.length, hash: { algorithm: 'md5', hex } };
}

test('only whole and wanted packages stay, and the half ones that apt can go on with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-packages-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'partial'));
  const files = {
    'whole.deb': 'whole',
    'torn.deb': 'to\0\0', // of the right size: apt alone would take it
    'short.deb': 'sh',
    'old-version.deb': 'old',
    'unverifiable.deb': 'text',
    'partial/half.deb': 'ha',
    'partial/half.deb.FAILED': 'ha',
    'partial/old-version.deb': 'o',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  keepWholePackages(folder, [
    packageOf('whole.deb', 'whole'),
    packageOf('torn.deb', 'torn'),
    packageOf('short.deb', 'short'),
    packageOf('half.deb', 'half'),
    { file: 'unverifiable.deb', bytes: 4, hash: undefined },
  ]);
  expect(readdirSync(folder).sort()).toEqual(['partial', 'whole.deb']);
  expect(readdirSync(join(folder, 'partial'))).toEqual(['half.deb']);
});

test('a folder that is not there yet is made', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'labctl-packages-')), 'redis');
  onTestFinished(() => rmSync(join(folder, '..'), { recursive: true }));
  keepWholePackages(folder, []);
  expect(existsSync(join(folder, 'partial'))).toBe(true);
});
