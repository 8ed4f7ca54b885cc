import { closest } from '../../infra/closest.ts';
import { InterruptedError, UserError } from '../../infra/errors.ts';
import type { Finding, Probe, Subject } from '../../infra/probes/probe.ts';
import type { Reading } from '../../infra/probes/reading.ts';
import type { Language, Text } from '../../infra/text.ts';
import { printable } from '../../infra/text.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { choiceOption, flag, optionalArgument } from '../fields.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { markdownTable, plainTable } from '../output/table.ts';
import { refuseUnnarrowed, subjectFields, subjectOf } from '../subject.ts';

interface ProbeList {
  readonly schema: 'labctl.probes/1';
  readonly probes: readonly { readonly id: string; readonly title: Text; readonly cost: string }[];
}

interface OneReading {
  readonly schema: 'labctl.reading/1';
  readonly probe: string;
  readonly reading: Reading<unknown>;
  readonly findings: readonly Finding[];
  /** The value as a plain table, the first row being the heading; empty where it is unknown. */
  readonly rows: readonly (readonly string[])[];
}

/** A rate needs two readings, this far apart. */
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
    if (probe === undefined) return listed();
    const subject = subjectOf(narrow);
    return watch ? watched(probe, subject, context) : once(probe, subject, context);
  },
  json: ({ output }) => output === 'json',
  exitCode: (result) => (result.schema === 'labctl.probes/1' ? exitCodes.ok : exitCodeOf(result)),
  text(result, { language, input: { output } }) {
    const table = output === 'md' ? async (rows: string[][]) => markdownTable(rows) : plainTable;
    return result.schema === 'labctl.probes/1'
      ? table([[...listHeading[language]], ...result.probes.map(({ id, title, cost }) => [id, title[language], cost])])
      : readingText(result, language, table);
  },
});

const listHeading = { ko: ['프로브', '무엇', '주기'], en: ['PROBE', 'WHAT', 'COST'] } as const;

async function listed(): Promise<ProbeList> {
  const { probes } = await import('../../infra/probes/index.ts');
  return { schema: 'labctl.probes/1', probes: probes.map(({ id, title, cost }) => ({ id, title, cost })) };
}

/** @throws UserError naming the probes there are. */
async function probeCalled(id: string): Promise<Probe<unknown>> {
  const { probes } = await import('../../infra/probes/index.ts');
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
async function probeFor(id: string, subject: Subject): Promise<Probe<unknown>> {
  const probe = await probeCalled(id);
  const { narrowsBy = [] } = probe;
  refuseUnnarrowed({ name: { ko: `${id} 프로브`, en: id }, narrowsBy }, subject, `labctl get ${id}`);
  return probe;
}

async function once(id: string, subject: Subject, context: Context): Promise<OneReading> {
  const probe = await probeFor(id, subject);
  const { readOnce } = await import('../../infra/probes/sampler.ts');
  const target = await context.openTarget();
  try {
    const before = await readOnce({ probe, target, subject, before: undefined, clock: context.clock });
    // What cannot be read now is not waited for: the answer is why.
    if (before.status === 'unknown') return documentOf(probe, before);
    await context.clock.sleep(pauseMs, context.signal);
    return documentOf(probe, await readOnce({ probe, target, subject, before, clock: context.clock }));
  } finally {
    await target.close();
  }
}

async function* watched(id: string, subject: Subject, context: Context): AsyncGenerator<OneReading> {
  const probe = await probeFor(id, subject);
  const { readOnce } = await import('../../infra/probes/sampler.ts');
  const target = await context.openTarget();
  let before: Reading<unknown> | undefined;
  try {
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
    reading,
    findings: known ? probe.judge(reading.value) : [],
    rows: known ? probe.rows(reading.value) : [],
  };
}

function exitCodeOf({ reading, findings }: OneReading): ExitCode {
  if (reading.status === 'unknown') return exitCodes.unknown;
  return findings.length > 0 ? exitCodes.finding : exitCodes.ok;
}

async function readingText(
  { probe, reading, findings, rows }: OneReading,
  language: Language,
  table: (rows: string[][]) => Promise<string>,
): Promise<string> {
  if (reading.status === 'unknown') {
    return { ko: `${probe}: 알 수 없음 (${reading.reason})`, en: `${probe}: unknown (${reading.reason})` }[language];
  }
  const marks = { warning: '!', critical: '✗' } as const;
  const lines = findings.map(({ severity, text }) => `${marks[severity]} ${text[language]}`);
  const cells = await table(rows.map((row) => row.map(printable)));
  return [cells, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
}
