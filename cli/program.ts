import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../infra/errors.ts';
import type { OwnOptions } from '../infra/own-stack/own-stack.ts';
import { type Language, languageOf, type Text } from '../infra/text.ts';
import type { CommandRecord, RawInput } from './command.ts';
import { ownFrom, ownOptions } from './own-stack.ts';
import { type UsagePlace, usageError } from './usage.ts';

/** What the command line asks for, before anything was done about it. */
export type Invocation =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'run'; readonly command: CommandRecord; readonly raw: RawInput; readonly own: OwnOptions };

export interface CommandGroup {
  readonly heading: Text;
  readonly commands: readonly CommandRecord[];
}

export interface CommandTable {
  readonly groups: readonly CommandGroup[];
  /** What a word stands for that has commands under it and is none itself: `exp`. */
  readonly parents: Readonly<Record<string, Text>>;
}

export interface ProgramOptions extends CommandTable {
  readonly language: Language;
  readonly version: () => string;
  readonly columns: number;
  /** Cells that a text takes on the screen: Hangul takes two. */
  readonly displayWidth?: (text: string) => number;
}

/** Understands a command line. Prints nothing, runs nothing. @throws UserError */
export function interpret(argv: readonly string[], options: ProgramOptions): Invocation {
  let printed = '';
  let chosen: Invocation | undefined;
  const root = new Command('labctl').description(about[options.language]);
  const print = (text: string): void => {
    printed += text;
  };
  const hiddenCommands = new Set<Command>();
  dress(root, options, { write: print, hiddenCommands });
  addGlobalOptions(root, options.language);
  root.on('option:version', () => {
    print(`labctl ${options.version()}\n`);
    throw new CommanderError(0, 'commander.version', '');
  });
  for (const { heading, commands } of options.groups) {
    for (const record of commands) {
      const command = commandAt(root, record, { heading: heading[options.language], hiddenCommands, ...options });
      fill(command, record, options.language, (raw) => {
        chosen = { kind: 'run', command: record, raw: { ...raw, json: root.opts().json }, own: ownFrom(root.opts()) };
      });
    }
  }
  refuseAsUserError(root);
  try {
    // No word at all is no mistake: it asks what there is.
    root.parse(argv.length === 0 ? ['--help'] : argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
  }
  return chosen ?? { kind: 'print', text: printed };
}

/** Needed before the line is parsed, because the parser's own messages depend on it. */
export function languageFrom(argv: readonly string[], env: NodeJS.ProcessEnv): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const asked = at === -1 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1]);
  if (asked === 'ko' || asked === 'en') return asked;
  const preferred = env.LABCTL_LANG;
  if (preferred === 'ko' || preferred === 'en') return preferred;
  return languageOf(env.LC_ALL || env.LC_MESSAGES || env.LANG);
}

export function asksForHelp(argv: readonly string[]): boolean {
  return argv.length === 0 || argv[0] === 'help' || argv.includes('--help') || argv.includes('-h');
}

const about: Text = {
  ko: 'Kafka·MySQL·Redis 위의 이벤트 기반 금전 시스템을 실제 엔진에서 실험하고 진단하는 콘솔',
  en: 'The console of a reliability lab for event-driven money systems on real Kafka, MySQL and Redis',
};

const titles: Readonly<Record<string, string>> = {
  'Usage:': '사용법:',
  'Arguments:': '인자:',
  'Options:': '옵션:',
  'Global Options:': '공통 옵션:',
  'Commands:': '명령:',
};

const words = {
  help: { ko: '이 도움말', en: 'show this help' },
  helpCommand: { ko: '명령의 도움말', en: 'show the help of a command' },
  version: { ko: '버전', en: 'show the version' },
  json: {
    ko: '결과를 JSON으로 stdout에 (사람이 읽는 말은 stderr로)',
    en: 'the result as JSON on stdout, words for people on stderr',
  },
  lang: { ko: '화면 언어: ko | en', en: 'language: ko | en' },
  debug: { ko: '오류에 스택 추적을 덧붙임', en: 'add the stack trace to an error' },
  ownStack: { ko: '내 스택 (읽기만)', en: 'Your own stack (read only)' },
  impact: { ko: '영향', en: 'Impact' },
  impacts: {
    read: { ko: '읽기만 합니다', en: 'reads only' },
    write: { ko: '랩의 상태를 바꿉니다', en: 'changes the state of the lab' },
    destructive: { ko: '데이터를 지울 수 있습니다', en: 'can delete data' },
  },
} as const satisfies Readonly<Record<string, Text | Readonly<Record<string, Text>>>>;

function addGlobalOptions(root: Command, language: Language): void {
  root
    .addOption(new Option('-V, --version', words.version[language]))
    .addOption(new Option('--json', words.json[language]))
    .addOption(new Option('--lang <language>', words.lang[language]).argParser(parseLanguage))
    .addOption(new Option('--debug', words.debug[language]))
    .helpCommand('help [command]', words.helpCommand[language]);
  for (const { syntax, summary } of Object.values(ownOptions)) {
    root.addOption(new Option(syntax, summary[language]).helpGroup(`${words.ownStack[language]}:`));
  }
}

function parseLanguage(value: string): string {
  if (value === 'ko' || value === 'en') return value;
  throw new UserError(
    { ko: `--lang에 "${value}"은(는) 쓸 수 없습니다`, en: `--lang cannot be "${value}"` },
    { why: { ko: '쓸 수 있는 값: ko, en', en: 'it takes one of: ko, en' }, tryThis: ['--lang ko', '--lang en'] },
  );
}

/** Language, width and quiet; subcommands inherit it. */
function dress(
  root: Command,
  options: ProgramOptions,
  { write, hiddenCommands }: { write: (text: string) => void; hiddenCommands: ReadonlySet<Command> },
): void {
  const { language, columns, displayWidth } = options;
  root
    .helpOption('-h, --help', words.help[language])
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: Math.min(columns, 110),
      styleTitle: (title) => (language === 'ko' ? (titles[title] ?? title) : title),
      subcommandTerm: termOf,
      // Without commander's own `help`, which works all the same.
      visibleCommands: (command) => command.commands.filter((child) => !hiddenCommands.has(child)),
      ...(displayWidth === undefined ? {} : { displayWidth }),
    })
    .configureOutput({ writeOut: write, writeErr: () => {}, getOutHasColors: () => false })
    .exitOverride();
}

interface Surroundings extends Pick<ProgramOptions, 'parents' | 'language'> {
  readonly heading: string;
  /** Collects the commands that the help leaves out. */
  readonly hiddenCommands: Set<Command>;
}

function commandAt(
  root: Command,
  { path, hidden }: CommandRecord,
  { heading, parents, language, hiddenCommands }: Surroundings,
): Command {
  let here = root;
  for (const [depth, word] of path.entries()) {
    let next = here.commands.find((child) => child.name() === word);
    if (next === undefined) {
      next = here.command(word).description(parents[word]?.[language] ?? '');
      if (depth === 0) next.helpGroup(`${heading}:`);
      if (hidden) hiddenCommands.add(next);
    }
    here = next;
  }
  return here;
}

const childrenMax = 5;

/** `load <rate> | stop | status`, `exp list | run`: what can follow the word. */
function termOf(command: Command): string {
  const own = command.registeredArguments
    .map((one) => ({ required: one.required, name: `${one.name()}${one.variadic ? '...' : ''}` }))
    .map(({ required, name }) => (required ? `<${name}>` : `[${name}]`))
    .join(' ');
  const all = command.commands.map((child) => child.name());
  // The column is as wide as its longest entry; who wants them all asks for the word's own help.
  const children = all.length > childrenMax ? [...all.slice(0, childrenMax - 1), '…'] : all;
  return [command.name(), [...(own === '' ? [] : [own]), ...children].join(' | ')].join(' ').trimEnd();
}

function fill(command: Command, record: CommandRecord, language: Language, choose: (raw: RawInput) => void): void {
  command.description(record.summary[language]).allowExcessArguments(false);
  const names: { readonly field: string; readonly option?: string }[] = [];
  for (const [field, { kind, syntax, summary, hidden, repeats }] of Object.entries(record.fields)) {
    if (kind === 'argument') {
      command.argument(syntax, summary[language]);
      names.push({ field });
      continue;
    }
    const option = new Option(syntax, summary[language]).hideHelp(hidden === true);
    if (repeats === true) option.argParser((value: string, before: readonly string[] = []) => [...before, value]);
    command.addOption(option);
    names.push({ field, option: option.attributeName() });
  }
  const impact = `${words.impact[language]}: ${words.impacts[record.impact][language]}`;
  const details = record.details === undefined ? '' : `\n${record.details[language]}\n`;
  command.addHelpText('after', `${details}\n${impact}`);
  command.action(() => {
    const given = command.opts<Record<string, string | boolean | undefined>>();
    const positional = command.processedArgs.values();
    const values = names.map(({ field, option }) => [
      field,
      option === undefined ? positional.next().value : given[option],
    ]);
    choose(Object.fromEntries(values));
  });
}

/** Every command throws our error from the place where its parser stopped, knowing what would have been right there. */
function refuseAsUserError(command: Command): void {
  command.exitOverride((error) => {
    const stopped = error.exitCode === 0 ? error : usageError(error, placeOf(command));
    throw stopped;
  });
  for (const child of command.commands) refuseAsUserError(child);
}

function placeOf(command: Command): UsagePlace {
  const names: string[] = [];
  const longOptions: string[] = [];
  for (let here: Command | null = command; here !== null; here = here.parent) {
    names.unshift(here.name());
    longOptions.push(...here.options.flatMap((option) => (option.long && !option.hidden ? [option.long] : [])));
  }
  const help = command.createHelp();
  return {
    command: names.join(' '),
    subcommands: help.visibleCommands(command).map((child) => child.name()),
    longOptions: [...longOptions, '--help'],
    ...(command.args[0] === 'help' && command.args[1] !== undefined ? { helpFor: command.args[1] } : {}),
  };
}
