import type { CommanderError } from 'commander';
import { closest } from '../infra/closest.ts';
import { UserError, type Words } from '../infra/errors.ts';

/** What was known where the parser stopped. */
export interface UsagePlace {
  /** `labctl exp run`. */
  readonly command: string;
  readonly subcommands: readonly string[];
  readonly longOptions: readonly string[];
  /** The command whose help was asked for by `help <command>`, and which there is not. */
  readonly helpFor?: string;
}

/** Commander's refusals in our words and both languages: what, why, what to try. Its own output is switched off. */
export function usageError(error: CommanderError, place: UsagePlace): UserError {
  const { command, subcommands, longOptions, helpFor } = place;
  const named = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const help = `${command} --help`;
  switch (error.code) {
    case 'commander.unknownCommand':
      return unknownCommand(named, place);
    case 'commander.unknownOption': {
      const meant = named.startsWith('--') ? closest(named, longOptions) : undefined;
      return new UserError(
        { ko: `${command}에 ${named} 옵션은 없습니다`, en: `${command} has no option ${named}` },
        { tryThis: [...(meant === undefined ? [] : [`${command} ${meant}`]), help] },
      );
    }
    case 'commander.missingArgument':
      return new UserError(
        { ko: `${command}에는 <${named}>이(가) 필요합니다`, en: `${command} needs <${named}>` },
        { tryThis: [help] },
      );
    case 'commander.optionMissingArgument':
      return new UserError({ ko: `${named}에 값이 없습니다`, en: `${named} was given no value` }, { tryThis: [help] });
    case 'commander.excessArguments':
      return new UserError(
        { ko: `${command}에 인자가 너무 많습니다`, en: `${command} was given too many arguments` },
        { why: excess(error.message), tryThis: [help] },
      );
    case 'commander.help':
      if (helpFor !== undefined) return unknownCommand(helpFor, place);
      return new UserError(
        { ko: `${command} 다음에 명령이 하나 필요합니다`, en: `${command} needs a command after it` },
        { why: subcommands.join(' | '), tryThis: [help] },
      );
    default:
      return new UserError(error.message.replace(/^error: /, ''), { tryThis: [help] });
  }
}

function unknownCommand(named: string, { command, subcommands }: UsagePlace): UserError {
  const meant = closest(named, subcommands);
  return new UserError(
    { ko: `${command}에 "${named}" 명령은 없습니다`, en: `${command} has no command "${named}"` },
    { tryThis: [...(meant === undefined ? [] : [`${command} ${meant}`]), `${command} --help`] },
  );
}

/** "… Expected 1 argument but got 2: a, b." */
function excess(message: string): Words {
  const [, expected = '?', got = '?', list = ''] =
    /Expected (\d+) arguments? but got (\d+): (.*)\.$/s.exec(message) ?? [];
  return {
    ko: `인자 ${expected}개를 받는데 ${got}개가 왔습니다: ${list}`,
    en: `it takes ${expected}, and got ${got}: ${list}`,
  };
}
