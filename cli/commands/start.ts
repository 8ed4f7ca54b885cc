import type { RunReport } from '../../experiments/harness/run.ts';
import type { Document } from '../command.ts';
import { reportCommand } from '../command.ts';
import type { Context } from '../context.ts';
import type { UpResult } from '../lab-up.ts';
import type { Snapshot } from '../live.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { rateOption } from '../rate.ts';

/** Of a start without a terminal; with one there is nothing to report. */
interface StartDocument extends Document {
  readonly schema: 'labctl.start/1';
  readonly up?: UpResult;
  readonly run?: RunReport['result'];
  readonly snapshot?: Snapshot;
}

interface StartResult {
  readonly document: StartDocument;
  readonly exitCode: ExitCode;
  readonly text: string;
}

/** Enough to see everything move, and little enough to leave a laptop cool. */
const smallLoad = 20;

export const start = reportCommand({
  path: ['start'],
  summary: { ko: '랩과 작은 데모를 시작하고 콘솔을 엶', en: 'start the lab and a small demo, and open the console' },
  impact: 'write',
  details: {
    ko: '콘솔을 닫아도 랩과 데모는 계속 돕니다 (끝내기: labctl down).\n터미널이 아니면: 랩을 시작하고 E-001 --fast를 실행해 보고서와 개요를 출력하며, 그 종료 코드로 끝납니다.',
    en: 'Closing the console leaves lab and demo running (labctl down ends them).\nWithout a terminal: it starts the lab, runs E-001 --fast, prints its report and the overview, and ends with its exit code.',
  },
  fields: {
    load: rateOption('--load <rate>', {
      ko: '데모의 초당 이체 수 (기본 20/s)',
      en: 'transfers a second of the demo (20/s by default)',
    }),
  },
  run: ({ load }, context) =>
    context.terminal.interactive && !context.json ? openConsole(context, load) : proveOnce(context),
  document: ({ document }) => document,
  exitCode: ({ exitCode }) => exitCode,
  text: ({ text }) => text,
});

async function openConsole(context: Context, load: number | undefined): Promise<StartResult> {
  const [{ backgroundUp }, { lookFrom, runLiveConsole }, { demoStatus }] = await Promise.all([
    import('../background-up.ts'),
    import('../live.ts'),
    import('../../workers/supervisor/demo.ts'),
  ]);
  // A demo that runs at a rate somebody chose is not set back.
  const { running } = await demoStatus(await context.config());
  const startUp = await backgroundUp(context, load ?? (running ? undefined : smallLoad));
  await runLiveConsole(context, { screen: undefined, look: lookFrom(context.env, { ascii: false }), startUp });
  return { document: { schema: 'labctl.start/1' }, exitCode: exitCodes.ok, text: farewell[context.language] };
}

const farewell = {
  ko: '콘솔만 닫았습니다. 다시 열기: labctl tui · 상태: labctl status · 모두 끝내기: labctl down',
  en: 'Only the console is closed. To open it again: labctl tui · to look: labctl status · to end all: labctl down',
} as const;

async function proveOnce(context: Context): Promise<StartResult> {
  const [{ bringUpLab, progressOf, upText }, { exitCodeOfRun, runExperimentByName }, { takeSnapshot }] =
    await Promise.all([import('../lab-up.ts'), import('../experiment-run.ts'), import('../live.ts')]);
  const up = await bringUpLab(context, {}, progressOf(context));
  context.say(upText(up, context.language));
  const report = await runExperimentByName({ id: 'E-001', fast: true }, context);
  const { renderReportText } = await import('../../experiments/harness/report/text.ts');
  const snapshot = await takeSnapshot(context, { screen: '0', look: { ascii: false, colour: false } });
  return {
    document: { schema: 'labctl.start/1', up, run: report.result, snapshot: snapshot.document },
    exitCode: exitCodeOfRun(report),
    text: `${renderReportText(report, context.language)}\n\n${snapshot.text}`,
  };
}
