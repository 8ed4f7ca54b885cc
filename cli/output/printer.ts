/**
 * The only door to the terminal. Results go to stdout, words for people and progress to stderr, so that a result can be
 * piped while somebody watches.
 */
export interface Printer {
  /** To stdout. Resolves when it was handed to the system. */
  result(text: string): Promise<void>;
  /** One line, or several, to stderr. */
  words(text: string): void;
}

/** @param onClosed the reader of our stdout went away (`| head`): there is nobody left to work for. */
export function processPrinter(onClosed: () => void): Printer {
  let closed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
    onClosed();
  });
  process.stderr.on('error', () => {}); // a closed stderr loses words, never work
  return {
    result: (text) => new Promise((resolve) => process.stdout.write(withNewline(text), () => resolve())),
    words(text) {
      // Ending because `head` has seen enough is nothing to talk about.
      if (!closed) process.stderr.write(withNewline(text));
    },
  };
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
