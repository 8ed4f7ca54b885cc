import { closest } from '../../infra/closest.ts';
import type { AskContext, Diagnosis } from '../../infra/diagnoses/diagnosis.ts';
import type { Diagnosed } from '../../infra/diagnoses/run.ts';
import { UserError } from '../../infra/errors.ts';
import type { Subject } from '../../infra/probes/probe.ts';
import { notMapped, notPermitted } from '../../infra/probes/reading.ts';
import type { Language, Text } from '../../infra/text.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { diagnosedText } from '../diagnosis-text.ts';
import { optionalArgument } from '../fields.ts';
import { sayIfDown } from '../lab-hint.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { plainTable } from '../output/table.ts';
import { refuseUnnarrowed, subjectFields, subjectOf } from '../subject.ts';

interface DiagnosisList {
  readonly schema: 'labctl.diagnoses/1';
  readonly diagnoses: readonly { readonly id: string; readonly title: Text; readonly question: Text }[];
}

interface OneDiagnosis extends Diagnosed {
  readonly schema: 'labctl.diagnose/1';
}

interface AllDiagnoses {
  readonly schema: 'labctl.diagnose.all/1';
  readonly status: Diagnosed['status'];
  readonly diagnoses: readonly Diagnosed[];
}

export const diagnose = command({
  path: ['diagnose'],
  summary: {
    ko: '진단: 중복, 유실, 지연, 데드락, … 해당하는 행까지 (이름 없이: 목록)',
    en: 'answers a question down to the rows: duplicates, loss, lag, deadlock, …; without a name, the list',
  },
  impact: 'read',
  details: {
    ko: 'all은 모두 묻습니다. 대상에 없는 것(not mapped)과 권한이 없는 것(not permitted)은 그렇게 말하고 종료 코드에는 넣지 않습니다.\n종료 코드: 0 이상 없음 · 1 발견 · 2 알 수 없음',
    en: 'all asks them all; what the target lacks (not mapped) or the account may not read (not permitted) is said and does not count for the exit code.\nExit code: 0 clean · 1 a finding · 2 unknown',
  },
  fields: {
    name: optionalArgument('[name]', { ko: '진단 이름, 또는 all', en: 'its name, or all' }),
    ...subjectFields,
  },
  async run({ name, ...narrow }, context): Promise<DiagnosisList | OneDiagnosis | AllDiagnoses> {
    const { diagnoses } = await import('../../infra/diagnoses/index.ts');
    if (name === undefined) {
      const list = diagnoses.map(({ id, title, question }) => ({ id, title, question }));
      return { schema: 'labctl.diagnoses/1', diagnoses: list };
    }
    const subject = subjectOf(narrow);
    const asked = name === 'all' ? diagnoses : [diagnosisCalled(name, diagnoses)];
    for (const { id, narrowsBy } of asked) {
      const called = { ko: `${id} 진단`, en: id };
      refuseUnnarrowed({ name: called, narrowsBy }, subject, `labctl diagnose ${id}`);
    }
    const answers = await askEach(asked, subject, context);
    const [only] = answers;
    if (name !== 'all' && only !== undefined) return { schema: 'labctl.diagnose/1', ...only };
    return { schema: 'labctl.diagnose.all/1', status: worstOf(answers), diagnoses: answers };
  },
  exitCode(result): ExitCode {
    if (result.schema === 'labctl.diagnoses/1') return exitCodes.ok;
    return { clean: exitCodes.ok, finding: exitCodes.finding, unknown: exitCodes.unknown }[result.status];
  },
  text(result, { language }) {
    switch (result.schema) {
      case 'labctl.diagnoses/1':
        return listText(result, language);
      case 'labctl.diagnose/1':
        return diagnosedText(result, language);
      case 'labctl.diagnose.all/1':
        return result.diagnoses.map((answer) => diagnosedText(answer, language)).join('\n\n');
    }
  },
});

async function askEach(asked: readonly Diagnosis[], subject: Subject, context: Context): Promise<readonly Diagnosed[]> {
  const { diagnose: ask } = await import('../../infra/diagnoses/run.ts');
  const target = await context.openTarget();
  const answers: Diagnosed[] = [];
  try {
    for (const diagnosis of asked) {
      const onProgress = progressLines(diagnosis.id, context);
      const { signal, clock } = context;
      answers.push(await ask({ diagnosis, target, subject, onProgress, signal, clock }));
    }
    if (answers.every(({ status }) => status === 'unknown')) await sayIfDown(context, target);
  } finally {
    await target.close();
  }
  return answers;
}

const progressEveryMs = 2_000;

/** A line now and then, on stderr. */
function progressLines(id: string, { clock, say }: Context): AskContext['onProgress'] {
  let saidAtMs = clock.monotonic();
  return ({ what, done, of }) => {
    if (clock.monotonic() - saidAtMs < progressEveryMs) return;
    saidAtMs = clock.monotonic();
    const share = of === undefined || of === 0 ? '' : ` (${Math.min(100, Math.floor((done / of) * 100))} %)`;
    const count = `${done.toLocaleString('en-US')}${of === undefined ? '' : ` / ${of.toLocaleString('en-US')}`}${share}`;
    say({ ko: `${id}: ${what.ko} ${count}`, en: `${id}: ${what.en} ${count}` });
  };
}

function worstOf(answers: readonly Diagnosed[]): Diagnosed['status'] {
  if (answers.some(({ status }) => status === 'finding')) return 'finding';
  const counted = answers.filter(({ reason }) => !isAbsent(reason));
  return counted.length > 0 && counted.every(({ status }) => status === 'clean') ? 'clean' : 'unknown';
}

const isAbsent = (reason: string | undefined): boolean =>
  reason !== undefined && (reason.startsWith(notMapped) || reason.startsWith(notPermitted));

function diagnosisCalled(name: string, diagnoses: readonly Diagnosis[]): Diagnosis {
  const found = diagnoses.find(({ id }) => id === name);
  if (found !== undefined) return found;
  const known = [...diagnoses.map(({ id }) => id), 'all'];
  const meant = closest(name, known);
  throw new UserError(
    { ko: `"${name}" 진단은 없습니다`, en: `there is no diagnosis "${name}"` },
    {
      why: { ko: `있는 것: ${known.join(', ')}`, en: `there are: ${known.join(', ')}` },
      tryThis: [meant === undefined ? 'labctl diagnose' : `labctl diagnose ${meant}`],
    },
  );
}

function listText({ diagnoses }: DiagnosisList, language: Language): Promise<string> {
  const heading = { ko: ['진단', '무엇', '물음'], en: ['DIAGNOSIS', 'WHAT', 'QUESTION'] }[language];
  return plainTable([
    heading,
    ...diagnoses.map(({ id, title, question }) => [id, title[language], question[language]]),
  ]);
}
