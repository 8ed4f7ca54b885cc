import { codeOnly } from './code-only.ts';
import { type HouseRule, isCode, isIn, linesThatMatch, namesTheWords } from './rule.ts';

const linesMax = 300;

export const fileLength: HouseRule = {
  rule: `a file has at most ${linesMax} lines`,
  instead: 'one job a file: find the second job in it',
  check({ path, text }) {
    if (!/\.(?:tsx?|sh|sql)$/.test(path)) return [];
    const lines = text.replace(/\n$/, '').split('\n').length;
    return lines > linesMax ? [{ path, found: `${lines} lines` }] : [];
  },
};

const drawers = ['utils', 'util', 'common', 'helpers', 'helper', 'types', 'misc'];
/** As a folder it collects what has no better home; as a file it may be about the services that are meant. */
const drawerFolders = [...drawers, 'services', 'shared', 'lib'];

export const drawerNames: HouseRule = {
  rule: `no drawers: a folder or file is not called ${drawers.join(', ')}; a folder not services, shared, lib`,
  instead: 'name it after what it does; a type lives with its owner',
  check({ path }) {
    const folders = path.split('/');
    const file = folders.pop()?.replace(/\..*$/, '') ?? '';
    const found = [
      ...folders.filter((word) => drawerFolders.includes(word)),
      ...drawers.filter((word) => word === file),
    ];
    return found.map((word) => ({ path, found: `"${word}"` }));
  },
};

/** Names that others look for, and experiments, which are called by their id. */
const givenNames = /^(?:README|LICENSE|CHANGELOG|Dockerfile|E-\d{3}-[a-z0-9-]+)(?:\.|$)/;

export const fileNames: HouseRule = {
  rule: 'names of files and folders are kebab-case',
  instead: 'small letters, digits and hyphens: balance-projector.ts',
  check({ path }) {
    return path
      .split('/')
      .filter((word) => !givenNames.test(word) && !/^\.?[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(word))
      .map((word) => ({ path, found: `"${word}"` }));
  },
};

export const namedExports: HouseRule = {
  rule: 'exports are named',
  instead: 'export const, export function or export class',
  check(file) {
    // Both are found by their framework through the default export.
    if (!isCode(file) || isIn(file.path, ['vitest.config.ts', 'infra/testing/summary-reporter.ts'])) return [];
    return linesThatMatch(file, codeOnly(file.text), /^export default\b/);
  },
};

export const noAny: HouseRule = {
  rule: 'no `any`, and nothing that silences the compiler',
  instead: 'unknown, and parse it at the border with zod',
  check(file) {
    if (!isCode(file) || isIn(file.path, namesTheWords)) return [];
    return [
      ...linesThatMatch(file, codeOnly(file.text), /(?<![.\w'"])any\b(?!\s*[:(?])/),
      ...linesThatMatch(file, file.text, /@ts-(?:ignore|expect-error|nocheck)\b/),
    ];
  },
};

export const noModuleMocks: HouseRule = {
  rule: 'tests replace no modules',
  instead: 'pass the effect in as a parameter',
  check: (file) => (isCode(file) ? linesThatMatch(file, codeOnly(file.text), /\bvi\.(?:mock|doMock|hoisted)\b/) : []),
};
