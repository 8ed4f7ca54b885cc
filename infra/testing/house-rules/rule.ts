/** A text file of the project; the path is relative to its root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  /** 1 is the first; absent where the whole file is meant. */
  readonly line?: number;
  readonly found: string;
}

/** A house rule that runs: a pure function of the files. */
export interface HouseRule {
  readonly rule: string;
  /** What to do instead; it ends every message. */
  readonly instead: string;
  check(file: SourceFile): readonly Violation[];
}

export function messageOfViolation({ path, line, found }: Violation, { rule, instead }: HouseRule): string {
  return `${path}${line === undefined ? '' : `:${line}`}: ${found}\n  rule: ${rule}\n  instead: ${instead}`;
}

export const isCode = ({ path }: SourceFile): boolean => /\.tsx?$/.test(path);

/** True when the path is one of these files, or lies in one of these folders (written with a slash at the end). */
export function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}

/** One violation for each line in which the pattern is found. */
export function linesThatMatch({ path }: SourceFile, text: string, pattern: RegExp): readonly Violation[] {
  return text.split('\n').flatMap((line, index) => {
    const match = pattern.exec(line);
    return match === null ? [] : [{ path, line: index + 1, found: match[0].trim() }];
  });
}

/** What the rules look for stands in these files as text. */
export const namesTheWords = ['infra/testing/house-rules/', 'infra/tidy.test.ts'];
