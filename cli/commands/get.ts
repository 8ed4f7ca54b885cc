import { closest } from '../../infra/closest.ts';
import { InterruptedError, UserError } from '../../infra/errors.ts';
import type { Probe, Subject } from '../../infra/probes/probe.ts';
import type { Reading } from '../../infra/probes/reading.ts';
import type { Target } from '../../infra/target.ts';
import type { Language, Text } from '../../infra/text.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { choiceOption, flag, optionalArgument } from '../fields.ts';
import { sayIfDown } from '../lab-hint.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { markdownTable, plainTable } from '../output/table.ts';
import { readingMarkdown, readingText, type ShownReading } from '../reading-text.ts';
import { refuseUnnarrowed, subjectFields, subjectOf } from '../subject.ts';

interface ProbeList {
  readonly schema: 'labctl.probes/1';
  readonly profile: string;
  /** mapped: the target has what is measured, as far as its names say; whether it may be read shows when it is. */
  readonly probes: readonly {
    readonly id: string;
    readonly title: Text;
    readonly cost: string;
    readonly mapped: boolean;
  }[];
}

interface OneReading extends ShownReading {
  readonly schema: 'labctl.reading/1';
}

/** How often a watch reads. */
const pauseMs = 1_000;

export const get = command({
  path: ['get'],
  summary: {
    ko: '프로브 하나의 값 (이름 없이: 프로브 목록)',
    en: 'one reading of a probe; without a name, the list of probes',
  },
  impact: 'read',
  details: {
    ko: '종료 코드: 0 정상 · 1 발견 있음 · 2 알 수 없음',
    en: 'Exit code: 0 healthy · 1 a finding · 2 unknown',
  },
  fields: {
    probe: optionalArgument('[probe]', { ko: '프로브 이름: outbox.backlog', en: 'its name: outbox.backlog' }),
    watch: flag('-w, --watch', { ko: '매초 다시 읽음 (끝내기: Ctrl-C)', en: 'read it every second, until Ctrl-C' }),
    ...subjectFields,
    output: choiceOption('-o, --output <format>', ['table', 'json', 'md'], { ko: '형식', en: 'format' }),
  },
  run({ probe, watch, ...narrow }, context): Promise<ProbeList | OneReading> | AsyncIterable<ProbeList | OneReading> {
    if (probe === undefined) return listed(context);
    const subject = subjectOf(narrow);
    return watch ? watched(probe, subject, context) : once(probe, subject, context);
  },
  json: ({ output }) => output === 'json',
  exitCode: (result) => (result.schema === 'labctl.probes/1' ? exitCodes.ok : exitCodeOf(result)),
  text(result, { language, input: { output } }) {
    if (result.schema === 'labctl.reading/1') {
      return output === 'md' ? readingMarkdown(result, language) : readingText(result, language);
    }
    const rows = listRows(result, language);
    return output === 'md' ? markdownTable(rows) : plainTable(rows);
  },
});

const listHeading = { ko: ['프로브', '무엇', '주기', '대상에'], en: ['PROBE', 'WHAT', 'COST', 'TARGET'] } as const;
const mappedWords = { ko: ['없음 (not mapped)', '있음'], en: ['not mapped', 'mapped'] } as const;

function listRows({ probes }: ProbeList, language: Language): readonly (readonly string[])[] {
  const [without, withIt] = mappedWords[language];
  return [
    listHeading[language],
    ...probes.map(({ id, title, cost, mapped }) => [id, title[language], cost, mapped ? withIt : without]),
  ];
}

async function listed(context: Context): Promise<ProbeList> {
  const [{ probesOf }, { isMapped }] = await Promise.all([
    import('../../infra/probes/index.ts'),
    import('../../infra/probes/native-commands.ts'),
  ]);
  const target = await context.openTarget();
  await target.close(); // what it has is in its names; nothing is read
  const list = probesOf(target).map((probe) => {
    const { id, title, cost } = probe;
    return { id, title, cost, mapped: isMapped(probe, target) };
  });
  return { schema: 'labctl.probes/1', profile: target.profile, probes: list };
}

/** @throws UserError naming the probes there are. */
async function probeCalled(id: string, target: Target): Promise<Probe<unknown>> {
  const { probesOf } = await import('../../infra/probes/index.ts');
  const probes = probesOf(target);
  const found = probes.find((probe) => probe.id === id);
  if (found !== undefined) return found;
  const known = probes.map((probe) => probe.id);
  const meant = closest(id, known);
  throw new UserError(
    { ko: `"${id}" 프로브는 없습니다`, en: `there is no probe "${id}"` },
    {
      why: { ko: `있는 것: ${known.join(', ')}`, en: `there are: ${known.join(', ')}` },
      tryThis: [meant === undefined ? 'labctl get' : `labctl get ${meant}`],
    },
  );
}

/** @throws UserError where there is no such probe, or it cannot be narrowed like that. */
async function probeFor(id: string, subject: Subject, target: Target): Promise<Probe<unknown>> {
  const probe = await probeCalled(id, target);
  const { narrowsBy = [] } = probe;
  refuseUnnarrowed({ name: { ko: `${id} 프로브`, en: id }, narrowsBy }, subject, `labctl get ${id}`);
  return probe;
}

async function once(id: string, subject: Subject, context: Context): Promise<OneReading> {
  const { readWhole } = await import('../../infra/probes/sampler.ts');
  const target = await context.openTarget();
  try {
    const probe = await probeFor(id, subject, target);
    const { clock, signal } = context;
    const reading = await readWhole({ probe, target, subject, signal, clock });
    if (reading.status === 'unknown') await sayIfDown(context, target);
    return documentOf(probe, reading);
  } finally {
    await target.close();
  }
}

async function* watched(id: string, subject: Subject, context: Context): AsyncGenerator<OneReading> {
  const { readOnce } = await import('../../infra/probes/sampler.ts');
  const target = await context.openTarget();
  let before: Reading<unknown> | undefined;
  try {
    const probe = await probeFor(id, subject, target);
    while (!context.signal.aborted) {
      const reading = await readOnce({ probe, target, subject, before, clock: context.clock });
      before = reading;
      yield documentOf(probe, reading);
      await context.clock.sleep(pauseMs, context.signal).catch(ignoreInterrupt);
    }
  } finally {
    await target.close();
  }
}

/** Ctrl-C is how a watch ends. */
function ignoreInterrupt(error: unknown): void {
  if (!(error instanceof InterruptedError)) throw error;
}

function documentOf(probe: Probe<unknown>, reading: Reading<unknown>): OneReading {
  const known = reading.status === 'ok';
  return {
    schema: 'labctl.reading/1',
    probe: probe.id,
    title: probe.title,
    reading,
    findings: known ? probe.judge(reading.value) : [],
    rows: known ? probe.rows(reading.value) : [],
  };
}

function exitCodeOf({ reading, findings }: OneReading): ExitCode {
  if (reading.status === 'unknown') return exitCodes.unknown;
  return findings.length > 0 ? exitCodes.finding : exitCodes.ok;
}
