import { describe, expect, test } from 'vitest';
import { packageRoot } from './package-root.ts';
import { codeOnly } from './testing/house-rules/code-only.ts';
import { houseRules, violationsOf } from './testing/house-rules/index.ts';
import { projectFiles } from './testing/house-rules/project-files.ts';

/** The house rules, executed. A rule that is not is forgotten. */

test('the project keeps its house rules', () => {
  const files = projectFiles(packageRoot);
  expect(files.length).toBeGreaterThan(60);
  expect(violationsOf(files).join('\n\n')).toBe('');
});

/** For each rule: what it must catch, and what looks alike and must pass. `path: text`. */
const planted: readonly {
  readonly rule: RegExp;
  readonly caught: Readonly<Record<string, string>>;
  readonly clean: Readonly<Record<string, string>>;
}[] = [
  {
    rule: /imports point left only/,
    caught: {
      'infra/probes/lag.ts': "import { projector } from '../../workers/balance-projector/project.ts';",
      'workers/host/boot.ts': "export * from '../../cli/context.ts';",
      'experiments/harness/run.ts': "const page = await import('../../runbooks/reader/read.ts');",
      'runbooks/reader/run.ts': "import '../../cli/main.ts';",
      'workers/outbox-relay/lazy.ts': "type Context = import('../../cli/context.ts').Context;",
    },
    clean: {
      'cli/context.ts': "import { systemClock } from '../infra/clock.ts';",
      'workers/host/boot.ts': "// import x from '../../cli/context.ts'\nimport { z } from 'zod';",
      'infra/probes/lag.ts': "import { known } from './reading.ts';",
    },
  },
  {
    rule: /siblings never import each other/,
    caught: {
      'workers/outbox-relay/main.ts': "import { project } from '../balance-projector/project.ts';",
      'experiments/E-001-outbox-relay.ts': "import { arms } from './E-002-direct-produce.ts';",
      'cli/commands/start.ts': "const { up } = await import('./up.ts');",
    },
    clean: {
      'workers/outbox-relay/main.ts':
        "import { runWorker } from '../host/worker.ts';\nimport { claim } from './claim.ts';\nimport { ladder } from '../domain/ladder.ts';",
      'workers/supervisor/pipeline.ts': "import { workers } from './workers.ts';",
      'experiments/index.ts': "import { e001 } from './E-001-outbox-relay.ts';",
      'experiments/E-001-outbox-relay.test.ts': "import { e001 } from './E-001-outbox-relay.ts';",
      'cli/commands/index.ts': "import { up } from './up.ts';",
      'cli/commands/up.test.ts': "import { up } from './up.ts';",
    },
  },
  {
    rule: /at most 300 lines/,
    caught: { 'infra/long.ts': 'x;\n'.repeat(301) },
    clean: { 'infra/long.ts': 'x;\n'.repeat(300), 'README.md': '# Long\n'.padEnd(2_000, '\n') },
  },
  {
    rule: /no drawers/,
    caught: {
      'infra/utils/pad.ts': '',
      'cli/tui/helpers.ts': '',
      'workers/domain/types.ts': '',
      'cli/services/list.ts': '',
    },
    clean: { 'infra/text.ts': '', 'workers/domain/transfer.ts': '', 'cli/tui/frame/services.ts': '' },
  },
  {
    rule: /kebab-case/,
    caught: { 'cli/tui/StatusLine.tsx': '', 'infra/group_lag.ts': '', 'infra/Probes/lag.ts': '' },
    clean: {
      'README.md': '# x',
      'experiments/E-001-outbox-relay.md': '# x',
      'infra/contract/balance-changed.v1.avsc': '{}',
      '.ci/run': '',
      'infra/mysql/migrations/0001-pipeline.sql': '',
    },
  },
  {
    rule: /exports are named/,
    caught: { 'infra/clock.ts': 'export default systemClock;' },
    clean: { 'infra/clock.ts': 'export const clock = 1; // export default', 'vitest.config.ts': 'export default {};' },
  },
  {
    rule: /no `any`/,
    caught: {
      'infra/a.ts': 'const rows: any[] = [];',
      'infra/b.ts': 'const row = value as any;',
      'infra/c.ts': 'const rows = new Map<string, any>();',
      'infra/d.ts': '// @ts-expect-error later\nread();',
    },
    clean: {
      'infra/a.ts': "const signal = AbortSignal.any([one, two]); // any will do\nsay('any');",
      'infra/b.ts': 'const text = `as any other`;\nPromise.any(all);',
    },
  },
  {
    rule: /tests replace no modules/,
    caught: { 'infra/a.test.ts': "vi.mock('./clock.ts');" },
    clean: { 'infra/a.test.ts': 'const send = vi.fn();' },
  },
  {
    rule: /time, timers and sleeps/,
    caught: {
      'cli/tui/ui/blink.tsx': 'setInterval(draw, 500);',
      'workers/host/a.ts': 'const at = Date.now();',
      'infra/b.test.ts': 'await new Promise((resolve) => setTimeout(resolve, 50));',
      'infra/c.ts': 'const at = new Date();',
      'infra/d.ts': 'const from = performance.now();',
    },
    clean: {
      'infra/clock.ts': 'now: () => Date.now(),',
      'infra/a.ts': "const at = new Date(clock.now()); // not Date.now()\nsay('Date.now()');",
      'infra/b.ts': 'clock.setTimeout(1);',
    },
  },
  {
    rule: /timer modules/,
    caught: { 'infra/a.ts': "import { setTimeout as delay } from 'node:timers/promises';" },
    clean: { 'infra/a.ts': "import { systemClock } from './clock.ts'; // node:timers" },
  },
  {
    rule: /spawning/,
    caught: {
      'infra/a.ts': "import { spawn } from 'node:child_process';",
      'cli/b.ts': "import { execa } from 'execa';",
    },
    clean: {
      'infra/process.ts': "import { execa } from 'execa';",
      'cli/b.ts': "import { run } from '../infra/process.ts';",
    },
  },
  {
    rule: /writing to the terminal/,
    caught: { 'cli/commands/up.ts': "console.log('up');", 'cli/tui/a.tsx': "process.stdout.write('x');" },
    clean: {
      'cli/output/printer.ts': "process.stdout.write('x');",
      'cli/tui/a.tsx': 'const { stdout } = process; // console.log',
      'infra/testing/summary-reporter.ts': "process.stdout.write('x');",
    },
  },
  {
    rule: /ending the process/,
    caught: { 'cli/run.ts': 'process.exit(1);' },
    clean: { 'cli/main.ts': 'process.exit(1);', 'cli/run.ts': 'process.exitCode = 1; // process.exit' },
  },
  {
    rule: /signalling a process/,
    caught: { 'cli/commands/down.ts': "process.kill(pid, 'SIGTERM');" },
    clean: { 'cli/tui/terminal.ts': "process.kill(0, 'SIGTSTP');", 'cli/a.ts': 'await terminate(identity, 1_000);' },
  },
  {
    rule: /one title/,
    caught: { 'README.md': '# One\n\n# Two\n', 'a.md': 'no title\n', 'b.md': 'text\n# Late\n' },
    clean: { 'README.md': '---\nfindings: [lag]\n---\n\n# One\n\n## Two\n\n```sh\n# a comment\n```\n' },
  },
  {
    rule: /nothing is left over/,
    caught: {
      'infra/a.ts': '// TODO: later',
      'infra/b.sh': '# FIXME',
      'infra/c.test.ts': "test.only('x', () => {});",
      'infra/d.test.ts': "describe.skip('x', () => {});",
      'infra/e.ts': 'debugger;',
    },
    clean: { 'infra/a.ts': 'const todo = mktemp(XXXXXX);', 'infra/c.test.ts': "test.skipIf(isMac)('x', () => {});" },
  },
  {
    rule: /no absolute path/,
    caught: {
      'infra/a.ts': "const cache = '/root/.cache/labctl';",
      'README.md': 'see /home/kim/labctl',
      'infra/b.sh': 'mvn -s https://nexus.example.com/settings',
      'package-lock.json': '"resolved": "https://example.com/x.tgz"',
      'infra/c.ts': "const url = 'http://registry.npmjs.org/ink';",
    },
    clean: {
      'infra/a.ts':
        "const registry = 'http://127.0.0.1:18091/apis/ccompat/v7';\nreadFileSync('/proc/stat');\nlayoutOf('/home/me/labctl');",
      'infra/b.ts': '// https://dev.mysql.com/doc/refman/9.5/en/innodb-error-handling.html',
    },
  },
  {
    rule: /stands by itself/,
    caught: { 'README.md': 'see ../shared/design.md', 'infra/a.ts': '// from shared/notes/kafkajs.md' },
    clean: { 'infra/a.ts': "// needs 'shared', or design" },
  },
];

const filesOf = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([path, text]) => ({ path, text }));

describe.each(planted)('$rule', ({ rule, caught, clean }) => {
  const rules = houseRules.filter((candidate) => rule.test(candidate.rule));

  test('is one rule, catches each planted violation once, and says what to do instead', () => {
    expect(rules).toHaveLength(1);
    for (const file of filesOf(caught)) {
      const messages = violationsOf([file], rules);
      expect(messages, file.path).toHaveLength(1);
      expect(messages[0]).toContain(file.path);
      expect(messages[0]).toContain(`instead: ${rules[0]?.instead}`);
    }
  });

  test('is silent on what only looks alike', () => {
    expect(violationsOf(filesOf(clean), rules)).toEqual([]);
  });
});

test('every rule has its planted violation', () => {
  const untested = houseRules.filter(({ rule }) => !planted.some((sample) => sample.rule.test(rule)));
  expect(untested.map(({ rule }) => rule)).toEqual([]);
});

test('what is no code is blanked, and code behind it is not', () => {
  const inserted = ['$', '{d + `t $', '{e}`}'].join('');
  const text = `a /* x\n y */ b // z\nc('q\\'r', \`s ${inserted} u\`, /[/'"]/g, f / g / h) // \`\nend`;
  const code = codeOnly(text);
  expect(code.length).toBe(text.length);
  const words = code.split('\n').map((line) => line.match(/\w+/g)?.join(' '));
  expect(words).toEqual(['a', 'b', 'c d e g f g h', 'end']);
});
