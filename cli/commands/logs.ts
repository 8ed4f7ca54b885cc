import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from '../../infra/closest.ts';
import { UserError } from '../../infra/errors.ts';
import { allNodeNames, type LogOptions } from '../../infra/stack/stack.ts';
import { printable } from '../../infra/text.ts';
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
  async *run({ name, follow, lines = linesByDefault }, context): AsyncGenerator<LogLine> {
    const found = await linesOf(name, { lines, follow, signal: context.signal }, context);
    for await (const line of found) yield { schema: 'labctl.log-line/1', from: name, line };
  },
  text: ({ line }) => printable(line) || ' ',
});

/** Of an engine, whatever runs it, or of a worker. @throws UserError for a name that has no log. */
async function linesOf(name: string, options: LogOptions, { stack, config }: Context): Promise<AsyncIterable<string>> {
  const node = allNodeNames.find((candidate) => candidate === name);
  if (node !== undefined) return (await stack()).logs(node, options);
  const { demoStatus } = await import('../../workers/supervisor/demo.ts');
  const { logDir } = await demoStatus(await config());
  const workers = existsSync(logDir)
    ? readdirSync(logDir).flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -'.log'.length)] : []))
    : [];
  if (workers.includes(name)) {
    const { logLines } = await import('../../infra/stack/log-lines.ts');
    return logLines(join(logDir, `${name}.log`), name, options);
  }
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
