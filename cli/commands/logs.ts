import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../infra/errors.ts';
import { allNodeNames } from '../../infra/stack/stack.ts';
import { printable } from '../../infra/text.ts';
import { closest } from '../closest.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { argument, flag, numberOption } from '../fields.ts';

interface LogLine {
  readonly schema: 'labctl.log-line/1';
  readonly from: string;
  readonly line: string;
}

const linesByDefault = 50;

export const logs = command({
  path: ['logs'],
  summary: { ko: '엔진이나 워커의 로그', en: 'the log of an engine or a worker' },
  impact: 'read',
  fields: {
    name: argument('<engine|worker>', {
      ko: 'mysql, redis, kafka-1, schema-registry, … 또는 outbox-relay, supervisor, …',
      en: 'mysql, redis, kafka-1, schema-registry, … or outbox-relay, supervisor, …',
    }),
    follow: flag('-f, --follow', { ko: '새 줄을 계속 보여 줌', en: 'go on with new lines as they come' }),
    lines: numberOption(
      '-n, --lines <number>',
      { min: 0, max: 100_000 },
      { ko: `끝에서 몇 줄 (기본 ${linesByDefault})`, en: `how many from its end (${linesByDefault} by default)` },
    ),
  },
  async *run({ name, follow: goesOn, lines = linesByDefault }, context): AsyncGenerator<LogLine> {
    const file = await logFileOf(name, context);
    const { follow, lastLines, sizeOf } = await import('../../infra/log-tail.ts');
    const document = (line: string): LogLine => ({ schema: 'labctl.log-line/1', from: name, line });
    // One border for both, so that no line falls between tail and new lines, and none comes twice.
    const end = sizeOf(file);
    for (const line of lastLines(file, lines, end)) yield document(line);
    if (!goesOn) return;
    for await (const line of follow(file, { from: end, signal: context.signal, clock: context.clock }))
      yield document(line);
  },
  text: ({ line }) => printable(line) || ' ',
});

/** @throws UserError for a name that has no log. */
async function logFileOf(name: string, { stack, config }: Context): Promise<string> {
  const node = allNodeNames.find((candidate) => candidate === name);
  if (node !== undefined) return existing((await stack()).logFile(node), name);
  const { demoStatus } = await import('../../workers/supervisor/demo.ts');
  const { logDir } = await demoStatus(await config());
  const workers = existsSync(logDir)
    ? readdirSync(logDir).flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -'.log'.length)] : []))
    : [];
  if (workers.includes(name)) return join(logDir, `${name}.log`);
  const known = [...allNodeNames, ...workers];
  const meant = closest(name, known);
  throw new UserError(
    { ko: `"${name}"의 로그는 없습니다`, en: `"${name}" has no log` },
    {
      why: { ko: `있는 것: ${known.join(', ')}`, en: `there are: ${known.join(', ')}` },
      tryThis: meant === undefined ? [] : [`labctl logs ${meant}`],
    },
  );
}

function existing(file: string, name: string): string {
  if (existsSync(file)) return file;
  throw new UserError(
    { ko: `${name}은(는) 아직 로그를 쓰지 않았습니다`, en: `${name} has written no log yet` },
    { why: { ko: `${file}이(가) 없습니다`, en: `there is no ${file}` }, tryThis: ['labctl up', 'labctl status'] },
  );
}
