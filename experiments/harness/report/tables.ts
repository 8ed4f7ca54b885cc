import type { Language, Text } from '../../../infra/text.ts';
import type { ArmDetail } from '../detail.ts';
import { sizeLabels } from '../judge.ts';
import type { RunReport } from '../run.ts';
import type { ArmVerdict, RunVerdict } from '../verdict.ts';

/** What all three forms of the report show: rows of text, the first being the heading. */
export interface Table {
  readonly title: Text;
  readonly rows: readonly (readonly string[])[];
}

export const verdictNames: Readonly<Record<RunVerdict | ArmVerdict | 'clean' | 'failed', Text>> = {
  pass: { ko: '통과', en: 'pass' },
  fail: { ko: '실패', en: 'fail' },
  unknown: { ko: '판정 불가', en: 'unknown' },
  interrupted: { ko: '중단됨', en: 'interrupted' },
  reproduced: { ko: '재현됨', en: 'reproduced' },
  held: { ko: '지켜짐', en: 'held' },
  'not-reproduced': { ko: '재현되지 않음', en: 'not reproduced' },
  breached: { ko: '깨짐', en: 'breached' },
  clean: { ko: '완료', en: 'clean' },
  failed: { ko: '실패', en: 'failed' },
};

export function markOf(verdict: RunVerdict | ArmVerdict): '✔' | '✖' | '?' {
  if (verdict === 'pass' || verdict === 'held' || verdict === 'reproduced') return '✔';
  return verdict === 'fail' || verdict === 'breached' || verdict === 'not-reproduced' ? '✖' : '?';
}

export const expectationNames: Readonly<Record<'anomaly' | 'clean', Text>> = {
  anomaly: { ko: '이상 현상 재현', en: 'anomaly' },
  clean: { ko: '이상 없음', en: 'clean' },
};

export function tablesOf(report: RunReport, language: Language): readonly Table[] {
  const { details, comparison } = report;
  const judged = details.filter(({ checks }) => checks.length > 0);
  const tables = [
    armsTable(details, language),
    sizesTable(judged, language),
    checksTable(judged, language),
    diagnosedTable(judged, language),
    witnessTable(judged, language),
    latencyTable(judged, language),
    ...(comparison === undefined ? [] : [differences(comparison, language)]),
  ];
  return tables.filter(({ rows }) => rows.length > 1 && (rows[0]?.length ?? 0) > 1);
}

function armsTable(details: readonly ArmDetail[], language: Language): Table {
  const heading = {
    ko: ['갈래', '기대', '판정', '초', ''],
    en: ['arm', 'expects', 'verdict', 'seconds', ''],
  }[language];
  const rows = details.map(({ title, result, durationMs }) => [
    `${markOf(result.verdict)} ${result.name}`,
    expectationNames[result.expects][language],
    verdictNames[result.verdict][language],
    (durationMs / 1_000).toFixed(1),
    title[language],
  ]);
  return { title: { ko: '판정', en: 'Verdicts' }, rows: [heading, ...rows] };
}

function sizesTable(details: readonly ArmDetail[], language: Language): Table {
  const rows = Object.entries(sizeLabels).map(([count, label]) => [
    label[language],
    ...details.map(({ result }) => figure(result.counts[count])),
  ]);
  return { title: { ko: '규모', en: 'Sizes' }, rows: [headingOf(details, ''), ...rows] };
}

/** One row a check, `wrong / looked at`; below it only those of its counts that are not 0 somewhere. */
function checksTable(details: readonly ArmDetail[], language: Language): Table {
  const checks = new Map(details.flatMap((detail) => detail.checks.map((check) => [check.name, check] as const)));
  const rows = [...checks.values()].flatMap(({ name, title, labels }) => {
    const own = details.map((detail) => detail.checks.find((check) => check.name === name));
    const wrong = Object.entries(labels).filter(([count]) => own.some((check) => (check?.counts[count] ?? 0) > 0));
    return [
      [title[language], ...own.map(checkCell)],
      ...wrong.map(([count, label]) => [`  ${label[language]}`, ...own.map((check) => figure(check?.counts[count]))]),
    ];
  });
  const heading = headingOf(details, { ko: '점검 (이상 / 대상)', en: 'check (wrong / looked at)' }[language]);
  return { title: { ko: '점검', en: 'Checks' }, rows: [heading, ...rows] };
}

function headingOf(details: readonly ArmDetail[], first: string): readonly string[] {
  return [first, ...details.map(({ result }) => result.name)];
}

function checkCell(check: ArmDetail['checks'][number] | undefined): string {
  if (check === undefined) return '–';
  const mark = { pass: '✔', fail: '✖', unknown: '?' }[check.verdict];
  const wrong = Object.values(check.counts).reduce((sum, count) => sum + count, 0);
  return `${mark} ${figure(wrong)} / ${figure(check.checked)}`;
}

/** What the operator's own diagnoses said, beside what is so. */
function diagnosedTable(details: readonly ArmDetail[], language: Language): Table {
  const asked = new Map(
    details.flatMap(({ diagnosed }) => diagnosed.map((one) => [one.diagnosis, one.title] as const)),
  );
  const rows = [...asked].map(([diagnosis, title]) => [
    `${diagnosis} · ${title[language]}`,
    ...details.map(({ diagnosed }) => diagnosedCell(diagnosed.find((one) => one.diagnosis === diagnosis))),
  ]);
  const heading = headingOf(details, { ko: '진단 (발견 / 실제)', en: 'diagnosis (found / true)' }[language]);
  return { title: { ko: '진단 비교', en: 'Diagnoses compared' }, rows: rows.length === 0 ? [] : [heading, ...rows] };
}

function diagnosedCell(compared: ArmDetail['diagnosed'][number] | undefined): string {
  if (compared === undefined) return '–';
  const mark = { pass: '✔', fail: '✖', unknown: '?' }[compared.verdict];
  return `${mark} ${compared.verdict === 'unknown' ? '?' : figure(compared.found)} / ${figure(compared.truth)}`;
}

function witnessTable(details: readonly ArmDetail[], language: Language): Table {
  const heading = language === 'ko' ? ['갈래', '증거', '필요', '관측', ''] : ['arm', 'witness', 'needs', 'seen', ''];
  const rows = details.flatMap(({ result, witnesses }) =>
    witnesses.map(({ title, needs, seen, met }) => [
      result.name,
      title[language],
      needs,
      seen === null ? (language === 'ko' ? '알 수 없음' : 'unknown') : figure(seen),
      met ? '✔' : '✖',
    ]),
  );
  return { title: { ko: '증거', en: 'Witnesses' }, rows: [heading, ...rows] };
}

const stageNames: Readonly<Record<string, Text>> = {
  commitToSent: { ko: '커밋 → 전송', en: 'commit → sent' },
  commitToApplied: { ko: '커밋 → 반영', en: 'commit → applied' },
  commitToCache: { ko: '커밋 → 캐시 무효화', en: 'commit → cache invalidated' },
};

function latencyTable(details: readonly ArmDetail[], language: Language): Table {
  const rows = details.flatMap(({ result }) =>
    Object.entries(result.latencyMs ?? {}).map(([stage, { p50, p95, p99, max, samples }]) => [
      stageNames[stage]?.[language] ?? stage,
      ...[p50, p95, p99, max, samples].map(figure),
    ]),
  );
  const heading = [
    'ms',
    'p50',
    'p95',
    'p99',
    language === 'ko' ? '최대' : 'max',
    language === 'ko' ? '표본' : 'samples',
  ];
  return { title: { ko: '지연 시간', en: 'Latency' }, rows: [heading, ...rows] };
}

function differences({ withRun, differences }: NonNullable<RunReport['comparison']>, language: Language): Table {
  const heading = language === 'ko' ? ['갈래', '항목', '이전', '이번'] : ['arm', 'figure', 'before', 'now'];
  return {
    title: { ko: `직전 통과 실행과의 차이 (${withRun})`, en: `Difference to the last green run (${withRun})` },
    rows: [
      heading,
      ...differences.map(({ arm, figure: name, before, now }) => [arm, name, figure(before), figure(now)]),
    ],
  };
}

function figure(value: number | undefined): string {
  return value === undefined ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

/** One line each: why a verdict is not plain, and the rows that are wrong. */
export function remarksOf({ details, problems }: RunReport): readonly string[] {
  const reasons = details.flatMap((detail) => detail.reasons);
  const said = (problem: string): boolean => reasons.some((reason) => reason.includes(problem));
  return [
    ...new Set(problems.filter((problem) => !said(problem))),
    ...details.flatMap(({ result, reasons }) => reasons.map((reason) => `${result.name}: ${reason}`)),
    ...details.flatMap(({ result, checks }) =>
      checks.flatMap(({ name, examples }) =>
        examples.map((example) => {
          const fields = Object.entries(example).map(([key, value]) => `${key}=${value}`);
          return `${result.name} ${name}: ${fields.join(' ')}`;
        }),
      ),
    ),
  ];
}

export function headlineOf({ experiment, result }: RunReport, language: Language): string {
  const { verdict, cleanup, fast, seed, durationMs } = result;
  const said = verdictNames[verdict][language];
  const size = { ko: fast ? '빠른 실행' : '전체 크기', en: fast ? 'fast' : 'full size' }[language];
  const seconds = (durationMs / 1_000).toFixed(1);
  const tail =
    language === 'ko'
      ? `정리 ${verdictNames[cleanup].ko} · ${size} · 씨앗 ${seed} · ${seconds}초`
      : `clean-up ${verdictNames[cleanup].en} · ${size} · seed ${seed} · ${seconds} s`;
  return `${markOf(verdict)} ${experiment.id} ${experiment.title[language]}: ${said} · ${tail}`;
}
