/** The commands that look at any stack; the others are about the lab, or change it. */
const looksAnywhere = new Set(['get', 'diagnose', 'trace', 'tui', 'top', 'profile']);

/**
 * A command line as an operator would type it, so that it means the stack that is being looked at and not the lab.
 * @param options as a target carries them: empty for the lab.
 * @returns undefined where the command is about the lab itself and another stack is looked at. Other programs' are as they were.
 */
export function commandOn(command: string, options: string): string | undefined {
  const [program, verb = ''] = command.split(' ', 2);
  if (options === '' || program !== 'labctl' || command.includes(options)) return command;
  return looksAnywhere.has(verb) ? `${command} ${options}` : undefined;
}
