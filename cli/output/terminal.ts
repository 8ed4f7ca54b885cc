/** What we are talking to, asked once. */
export interface Terminal {
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** A person sits there and can press keys: both ends are a terminal that can move its cursor, and it is not CI. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly rows: number;
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
  };
}
