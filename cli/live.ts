import type { FaultLease } from '../infra/faults/lease.ts';
import type { Probe } from '../infra/probes/probe.ts';
import type { ProbeStore } from '../infra/probes/store.ts';
import type { Target } from '../infra/target.ts';
import type { Context } from './context.ts';
import { type ExitCode, exitCodes } from './output/exit-codes.ts';
import { namesOwn, onlyInLab } from './own-stack.ts';

/** How a screen may draw. */
export interface Look {
  readonly ascii: boolean;
  readonly colour: boolean;
}

/** NO_COLOR asks for none (no-color.org); a locale that is not UTF-8 cannot show the marks. */
export function lookFrom(env: NodeJS.ProcessEnv, asked: { readonly ascii: boolean }): Look {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const utf8 = locale === '' || /utf-?8/i.test(locale);
  return { ascii: asked.ascii || !utf8, colour: (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb' };
}

export interface Snapshot {
  readonly schema: 'labctl.snapshot/1';
  readonly profile: string;
  readonly screen: string;
  readonly severity: 'ok' | 'warning' | 'critical' | 'unknown';
  readonly takenAtMs: number | undefined;
  readonly readings: Readonly<Record<string, unknown>>;
  readonly findings: readonly unknown[];
}

/** A screen as plain text, with what it was drawn from. */
export interface TakenSnapshot {
  readonly document: Snapshot;
  readonly text: string;
}

export interface SnapshotOptions {
  readonly screen: string;
  readonly look: Look;
}

/** Reads every probe twice (rates need it) and draws the screen once; for pipes, logs and `--once`. */
export async function takeSnapshot(context: Context, { screen, look }: SnapshotOptions): Promise<TakenSnapshot> {
  const [{ probes }, { diagnoses }, { createProbeStore }, { sampleRounds }, { snapshotText }, target] =
    await Promise.all([
      import('../infra/probes/index.ts'),
      import('../infra/diagnoses/index.ts'),
      import('../infra/probes/store.ts'),
      import('../infra/probes/sampler.ts'),
      import('./tui/once.ts'),
      context.openTarget(),
    ]);
  const store = createProbeStore();
  try {
    await sampleRounds({ target, probes, sink: store, clock: context.clock });
  } finally {
    await target.close();
  }
  const { text, severity } = snapshotText({
    store,
    profile: target.profile,
    language: context.language,
    screen,
    diagnoses,
    look,
    columns: context.terminal.columns,
    clock: context.clock,
  });
  const { readings, findings, committedAtMs } = store.getSnapshot();
  return {
    text,
    document: {
      schema: 'labctl.snapshot/1',
      profile: target.profile,
      screen,
      severity,
      takenAtMs: committedAtMs,
      readings: Object.fromEntries(readings),
      findings,
    },
  };
}

export function exitCodeOfSeverity(severity: Snapshot['severity']): ExitCode {
  if (severity === 'unknown') return exitCodes.unknown;
  return severity === 'ok' ? exitCodes.ok : exitCodes.finding;
}

export interface LiveOptions {
  readonly screen: string | undefined;
  readonly look: Look;
  readonly startUp?: Parameters<typeof import('./tui/console.tsx').runConsole>[0]['startUp'];
}

/** The console on the live lab, until the operator leaves it. Engine clients are loaded behind its first frame. */
export async function runLiveConsole(context: Context, { screen, look, startUp }: LiveOptions): Promise<void> {
  const isLab = !namesOwn(context.own);
  const [{ createProbeStore }, { runConsole }, { diagnoses }, { liveQuestions }, config, { profile, commandOptions }] =
    await Promise.all([
      import('../infra/probes/store.ts'),
      import('./tui/console.tsx'),
      import('../infra/diagnoses/index.ts'),
      import('./live-questions.ts'),
      context.config(),
      // A password is asked for before the screen is taken, and what cannot be understood is said there.
      isLab ? { profile: 'lab', commandOptions: '' } : openedOnce(context),
    ]);
  const faults = isLab ? await shownFaults(config.stateDir) : () => [];
  const store = createProbeStore();
  const feed = liveFeed(context, store);
  const questions = liveQuestions(context);
  try {
    await runConsole({
      store,
      profile,
      commandOptions,
      language: context.language,
      look,
      streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
      copyFile: `${config.stateDir}/copied.txt`,
      clock: context.clock,
      signal: context.signal,
      prove: feed.prove,
      diagnoses,
      ask: questions.ask,
      trace: questions.trace,
      faults,
      async order(words, language) {
        if (!isLab) throw onlyInLab(words.join(' '));
        const { runInBackground } = await import('./background-order.ts');
        await runInBackground(context, words, language);
      },
      onFirstFrame: feed.start,
      ...(screen === undefined ? {} : { screen }),
      ...(startUp === undefined ? {} : { startUp }),
    });
  } finally {
    await Promise.all([feed.stop(), questions.stop()]);
  }
}

async function openedOnce(context: Context): Promise<Pick<Target, 'profile' | 'commandOptions'>> {
  const target = await context.openTarget();
  await target.close();
  return target;
}

/** A look into a folder each time; leases are small files, and few. */
async function shownFaults(stateDir: string): Promise<() => readonly FaultLease[]> {
  const [{ faultStore }, { faultsFolder }] = await Promise.all([
    import('../infra/faults/store.ts'),
    import('../infra/faults/folder.ts'),
  ]);
  const store = faultStore(faultsFolder(stateDir));
  return () => store.survey().leases.toSorted((left, right) => left.expiresAtMs - right.expiresAtMs);
}

interface LiveFeed {
  start(): void;
  stop(): Promise<void>;
  prove(probeId: string): Promise<ReturnType<Probe<unknown>['verifyWith']>>;
}

/** One sampler on one target, made when it is first wanted. */
function liveFeed(context: Context, store: ProbeStore): LiveFeed {
  let running: Promise<{ readonly target: Target; stop(): Promise<void> }> | undefined;
  const start = async (): Promise<{ readonly target: Target; stop(): Promise<void> }> => {
    const [{ probes }, { startSampler }, target] = await Promise.all([
      import('../infra/probes/index.ts'),
      import('../infra/probes/sampler.ts'),
      context.openTarget(),
    ]);
    const sampler = startSampler({ target, probes, sink: store, clock: context.clock });
    return {
      target,
      async stop() {
        await sampler.stop();
        await target.close();
      },
    };
  };
  const ensure = () => {
    running ??= start();
    return running;
  };
  return {
    start: () => void ensure(),
    async stop() {
      if (running !== undefined) await (await running).stop();
    },
    async prove(probeId) {
      const [{ target }, { probes }] = await Promise.all([ensure(), import('../infra/probes/index.ts')]);
      return probes.find(({ id }) => id === probeId)?.verifyWith(target) ?? [];
    },
  };
}
