import type { EngineHealth, StackHealth } from '../../../../infra/probes/stack/health.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { latency, megabytes } from '../../ui/format.ts';
import { type Line, line, span, type Tone, widthOfText } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  dead: { ko: '프로세스가 죽음', en: 'process died' },
  stopped: { ko: '꺼져 있음', en: 'stopped' },
  paused: { ko: '멈춤 (SIGSTOP)', en: 'paused (SIGSTOP)' },
  unanswered: { ko: '응답 없음', en: 'no answer' },
  cannotAsk: { ko: '확인할 수 없음', en: 'cannot be asked' },
  all: (total: number): Text => ({ ko: `${total}개 모두 응답`, en: `all ${total} answer` }),
  some: (serving: number, total: number): Text => ({
    ko: `${total}개 중 ${serving}개 응답`,
    en: `${serving} of ${total} answer`,
  }),
} as const;

/** One engine a line. Those that serve show how fast and how large, the others why not. */
export function engineRows({ engines }: StackHealth, context: RowsContext): readonly Line[] {
  const names = Math.max(0, ...engines.map(({ name }) => widthOfText(name)));
  const head = (engine: EngineHealth): Line => {
    const tone = toneOfAnswer(engine);
    return [span(`${marks[tone]} `, tone, { bold: true }), span(engine.name.padEnd(names)), span('  ')];
  };
  const width = Math.max(1, context.width - names - 4);
  const serving = engines.filter(({ answer }) => answer.serves === true);
  const facts = table(
    serving.map((engine) => factsOf(engine, context.language)),
    {
      width,
      columns: [
        { grow: true, drop: 3 },
        { drop: 2 },
        { align: 'right', grow: true, drop: 1 },
        { align: 'right', grow: true },
      ],
    },
  );
  const lines = engines.map((engine): Line => {
    const rest = serving.includes(engine) ? facts[serving.indexOf(engine)] : whyNot(engine, context.language);
    return [...head(engine), ...(rest ?? [])];
  });
  // Too few rows for all: those that need eyes come first, whatever is hidden is healthy.
  if (lines.length <= context.height) return lines;
  return [...lines].sort((a, b) => Number(isCalm(a)) - Number(isCalm(b)));
}

const isCalm = (row: Line): boolean => row[0]?.tone === 'ok';

const toneOfAnswer = ({ answer }: EngineHealth): Tone =>
  answer.serves === true ? 'ok' : answer.serves === false ? 'critical' : 'unknown';

/** endpoint, version, memory, round trip */
function factsOf({ answer, endpoint, process }: EngineHealth, language: Language): readonly Line[] {
  return [
    line(endpoint, 'muted'),
    line(process?.version ?? '', 'muted'),
    line(process?.usage === undefined ? '' : megabytes(process.usage.rssBytes), 'muted'),
    line(answer.serves === true ? latency(answer.latencyMs, language) : ''),
  ];
}

function whyNot({ answer, process }: EngineHealth, language: Language): Line {
  if (answer.serves === true) return [];
  if (answer.serves === 'unknown')
    return [span(say(words.cannotAsk, language), 'unknown'), span(` · ${printable(answer.reason)}`, 'muted')];
  const byProcess = { dead: words.dead, stopped: words.stopped, paused: words.paused, running: words.unanswered };
  const state = byProcess[process?.state ?? 'running'];
  return [span(say(state, language), 'critical'), span(` · ${printable(answer.reason)}`, 'muted')];
}

export function engineSummary({ engines }: StackHealth, { language }: RowsContext): Line {
  const serving = engines.filter(({ answer }) => answer.serves === true).length;
  const isAll = serving === engines.length;
  return line(say(isAll ? words.all(serving) : words.some(serving, engines.length), language));
}
