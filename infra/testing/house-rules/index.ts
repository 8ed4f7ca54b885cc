import { importDirection, siblings } from './imports.ts';
import { oneHome } from './one-home.ts';
import type { HouseRule, SourceFile } from './rule.ts';
import { messageOfViolation } from './rule.ts';
import { drawerNames, fileLength, fileNames, namedExports, noAny, noModuleMocks } from './shape.ts';
import { leftovers, noMachine, noPapers, oneTitle } from './words.ts';

export const houseRules: readonly HouseRule[] = [
  importDirection,
  siblings,
  fileLength,
  drawerNames,
  fileNames,
  namedExports,
  noAny,
  noModuleMocks,
  ...oneHome,
  oneTitle,
  leftovers,
  noMachine,
  noPapers,
];

/** @returns one message a violation: file, line, rule, and what to do instead. */
export function violationsOf(
  files: readonly SourceFile[],
  rules: readonly HouseRule[] = houseRules,
): readonly string[] {
  return rules.flatMap((rule) =>
    files.flatMap((file) => rule.check(file).map((violation) => messageOfViolation(violation, rule))),
  );
}
