import { codeOnly } from './code-only.ts';
import { type HouseRule, isCode, isIn, linesThatMatch, namesTheWords } from './rule.ts';

export const oneTitle: HouseRule = {
  rule: 'a markdown file has one title, and begins with it',
  instead: 'one "# …" on top (front matter may stand before it), "## …" for the rest',
  check({ path, text }) {
    if (!path.endsWith('.md')) return [];
    const body = text.replace(/^---\n[\s\S]*?\n---\n/, '').replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
    const titles = body.split('\n').filter((line) => /^# /.test(line));
    if (titles.length !== 1) return [{ path, found: `${titles.length} titles` }];
    return body.trimStart().startsWith('# ') ? [] : [{ path, found: 'its title is not on top' }];
  },
};

export const leftovers: HouseRule = {
  rule: 'nothing is left over: no FIXME, TODO, XXX, debugger, .only, .skip or .todo',
  instead: 'finish it, or take it out',
  check(file) {
    if (isIn(file.path, namesTheWords)) return [];
    const words = linesThatMatch(file, file.text, /\b(?:FIXME|TODO|XXX)\b/);
    if (!isCode(file)) return words;
    const code = codeOnly(file.text);
    return [
      ...words,
      ...linesThatMatch(file, code, /^\s*debugger\b/),
      ...linesThatMatch(file, code, /\b(?:test|it|describe|suite)\.(?:only|skip|todo)\b/),
    ];
  },
};

export const noMachine: HouseRule = {
  rule: 'no absolute path of one machine, no host of a package registry',
  instead: 'packageRoot, config.cacheDir, homedir() or tmpdir(); let npm and maven use their own settings',
  check(file) {
    if (isIn(file.path, namesTheWords)) return [];
    return [
      ...linesThatMatch(
        file,
        file.text,
        /(?<![\w.$}/])\/(?:root|work|home\/(?!me\/)\w+|Users\/\w+|workspace)\/[\w.-]+/,
      ),
      ...linesThatMatch(
        file,
        file.text,
        /https?:\/\/[\w.-]*\b(?:registry|artifactory|nexus|mirrors?|proxy|npmjs|repo\d?)\.[\w.-]+/,
      ),
      ...linesThatMatch(file, file.text, /https?:\/\/[\w.-]+\.(?:internal|local|lan|corp)\b/),
      ...(file.path === 'package-lock.json' ? linesThatMatch(file, file.text, /"resolved": "https?:/) : []),
    ];
  },
};

export const noPapers: HouseRule = {
  rule: 'the project stands by itself: no mention of papers outside it',
  instead: 'say it here, in the README or beside the code',
  check(file) {
    if (isIn(file.path, namesTheWords)) return [];
    return linesThatMatch(file, file.text, /\.\.\/shared\b|\bshared\/(?:notes|design|reference|experiments|runbook)\b/);
  },
};
