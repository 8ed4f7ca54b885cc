/** What we are talking to, asked once. */
export interface Terminal {
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** A person sits there and can press keys: both ends are a terminal that can move its cursor, and it is not CI. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly rows: number;
  /**
   * A line that a person types, without its end; empty where there is none any more. `hidden`: it is not echoed.
   * @throws when the signal aborts.
   */
  readLine(signal: AbortSignal, how?: { readonly hidden: boolean }): Promise<string>;
}

export function processTerminal(env: NodeJS.ProcessEnv): Terminal {
  const stdoutIsTty = process.stdout.isTTY === true;
  const dumb = env.TERM === 'dumb' || (env.CI !== undefined && env.CI !== '' && env.CI !== 'false');
  return {
    stdoutIsTty,
    stderrIsTty: process.stderr.isTTY === true,
    interactive: stdoutIsTty && process.stdin.isTTY === true && !dumb,
    columns: process.stdout.columns ?? process.stderr.columns ?? 80,
    rows: process.stdout.rows ?? 24,
    async readLine(signal, { hidden } = { hidden: false }) {
      const [{ createInterface }, { Writable }] = await Promise.all([
        import('node:readline/promises'),
        import('node:stream'),
      ]);
      const input = process.stdin;
      // As a terminal, readline takes over the echo, and what it echoes goes nowhere.
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface(hidden ? { input, output: nowhere, terminal: true } : { input });
      try {
        const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
        return await Promise.race([lines.question('', { signal }), closed]);
      } finally {
        lines.close();
      }
    },
  };
}
