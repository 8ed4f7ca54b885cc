import {
  DescribedError,
  EngineError,
  InterruptedError,
  messageOf,
  RefusedError,
  TimeoutError,
  UserError,
  type Words,
} from '../../infra/errors.ts';
import { type Language, printable, type Text } from '../../infra/text.ts';
import type { Document } from '../command.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

type ErrorKind = 'usage' | 'refused' | 'engine' | 'timeout' | 'interrupted' | 'bug';

const codeOfKind: Readonly<Record<ErrorKind, ExitCode>> = {
  usage: exitCodes.usage,
  refused: exitCodes.refused,
  engine: exitCodes.engineUnavailable,
  timeout: exitCodes.engineUnavailable,
  interrupted: exitCodes.interrupted,
  bug: exitCodes.bug,
};

/** What `--json` prints instead of the result. Scripts branch on `kind`, `engine` and `code`, not on the words. */
export interface ErrorDocument extends Document {
  readonly schema: 'labctl.error/1';
  readonly error: {
    readonly kind: ErrorKind;
    readonly exitCode: ExitCode;
    readonly message: string;
    readonly why?: string;
    readonly tryThis: readonly string[];
    readonly engine?: string;
    readonly code?: string | number;
  };
}

export function exitCodeOf(thrown: unknown): ExitCode {
  return codeOfKind[kindOf(classed(thrown))];
}

export function errorDocument(thrown: unknown, language: Language): ErrorDocument {
  const error = classed(thrown);
  const kind = kindOf(error);
  const { what, why, tryThis } = saidBy(error, language);
  return {
    schema: 'labctl.error/1',
    error: {
      kind,
      exitCode: codeOfKind[kind],
      message: what,
      ...(why === undefined ? {} : { why }),
      tryThis,
      ...(error instanceof EngineError ? { engine: error.engine } : {}),
      ...(error instanceof EngineError && error.code !== undefined ? { code: error.code } : {}),
    },
  };
}

/** What, why, what to try; one line each, and with `debug` the stack of the error and of its causes. */
export function errorText(thrown: unknown, language: Language, { debug }: { readonly debug: boolean }): string {
  const error = classed(thrown);
  const { what, why, tryThis } = saidBy(error, language);
  const lines = [`labctl: ${what}`, ...whyAndTry(why, tryThis, language)];
  if (debug) lines.push(...stacksOf(error));
  return lines.map(printable).join('\n');
}

const otherFolder: Text = {
  ko: 'LABCTL_STATE_DIR(상태)이나 LABCTL_CACHE_DIR(내려받은 엔진)로 다른 폴더 지정',
  en: 'another folder, by LABCTL_STATE_DIR (state) or LABCTL_CACHE_DIR (fetched engines)',
};

/** The machine refused a file or a folder: full, read-only, not ours. Anything else that the system says is our bug. */
const refusals = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EISDIR',
  'EMFILE',
  'ENFILE',
  'ENAMETOOLONG',
];

function classed(error: unknown): unknown {
  if (error instanceof DescribedError || !(error instanceof Error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === undefined || path === undefined || !refusals.includes(code)) return error;
  return new EngineError(
    'machine',
    { ko: `${path}을(를) 쓸 수 없습니다`, en: `${path} cannot be used` },
    { why: error.message, code, cause: error, tryThis: ['labctl doctor', otherFolder] },
  );
}

function whyAndTry(why: string | undefined, tryThis: readonly string[], language: Language): readonly string[] {
  const { why: whyWord, tryThis: tryWord } = headings[language];
  return [
    ...(why === undefined ? [] : labelled(whyWord, why.split('\n'))),
    ...(tryThis.length === 0 ? [] : labelled(tryWord, tryThis)),
  ];
}

/** As an error is explained, for what is no error of the command itself: a value that is unknown. */
export function adviceLines(
  advice: { readonly why: Text; readonly tryThis: readonly Text[] } | undefined,
  language: Language,
): readonly string[] {
  if (advice === undefined) return [];
  return whyAndTry(
    advice.why[language],
    advice.tryThis.map((text) => text[language]),
    language,
  );
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${index === 0 ? label : '    '}  ${line}`);
}

/** All four cells wide: Hangul takes two. */
const headings = {
  ko: { why: '이유', tryThis: '해결' },
  en: { why: 'why ', tryThis: 'try ' },
} as const;

const bug: Readonly<Record<'what' | 'tryThis', Text>> = {
  what: { ko: '예상하지 못한 오류입니다 (labctl의 버그)', en: 'this should not have happened (a bug of labctl)' },
  tryThis: {
    ko: '같은 명령에 --debug를 붙이면 스택 추적이 나옵니다',
    en: 'the same command with --debug, which adds the stack trace',
  },
};

function saidBy(
  error: unknown,
  language: Language,
): { readonly what: string; readonly why: string | undefined; readonly tryThis: readonly string[] } {
  const say = (words: Words): string => (typeof words === 'string' ? words : words[language]);
  if (!(error instanceof DescribedError)) {
    return { what: say(bug.what), why: messageOf(error), tryThis: [say(bug.tryThis)] };
  }
  const { what, why, tryThis } = error.said;
  return { what: say(what), why: why === undefined ? undefined : say(why), tryThis: tryThis.map(say) };
}

function kindOf(error: unknown): ErrorKind {
  if (error instanceof UserError) return 'usage';
  if (error instanceof RefusedError) return 'refused';
  if (error instanceof EngineError) return 'engine';
  if (error instanceof TimeoutError) return 'timeout';
  if (error instanceof InterruptedError) return 'interrupted';
  return 'bug';
}

function stacksOf(error: unknown): string[] {
  const stacks: string[] = [];
  // Ten causes are more than anybody reads, and end a ring of causes.
  for (let cause = error; cause instanceof Error && stacks.length < 10; cause = cause.cause) {
    stacks.push(cause.stack ?? cause.message);
  }
  return stacks.join('\ncaused by ').split('\n');
}
