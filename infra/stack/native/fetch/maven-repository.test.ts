import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepWholeArtefacts } from './maven-repository.ts';

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

test('only artefacts that match their checksum stay; what was not found is asked for again', () => {
  const repository = mkdtempSync(join(tmpdir(), 'labctl-maven-'));
  onTestFinished(() => rmSync(repository, { recursive: true }));
  const folder = join(repository, 'org', 'apache', 'kafka', '4.4.0');
  mkdirSync(folder, { recursive: true });
  const files = {
    'whole.jar': 'whole',
    'whole.jar.sha1': `${sha1('whole')}\n`,
    'whole.pom': 'pom',
    'whole.pom.sha1': `${sha1('pom').toUpperCase()}  whole.pom`,
    'torn.zip': 'to',
    'torn.zip.sha1': sha1('torn'),
    'unproved.jar': 'killed before its checksum was written',
    'missing.jar.lastUpdated': 'not found yesterday',
    'resolver-status.properties': '',
    '_remote.repositories': 'whole.jar>central=',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  keepWholeArtefacts(repository);
  expect(readdirSync(folder).sort()).toEqual([
    '_remote.repositories',
    'torn.zip.sha1',
    'whole.jar',
    'whole.jar.sha1',
    'whole.pom',
    'whole.pom.sha1',
  ]);
});

test('where there is no repository there is nothing to do', () => {
  expect(() => keepWholeArtefacts(join(tmpdir(), 'labctl-no-repository'))).not.toThrow();
});
