import { expect, test } from 'vitest';
import { readingMarkdown, readingText, type ShownReading } from './reading-text.ts';

const hostile = 'a|b\n| c \\| <img src=x> `code` *\u001b[31m\u202e\u0085'.concat('한'.normalize('NFD'));
const shown: ShownReading = {
  probe: 'kafka.group-lag',
  title: { ko: '컨슈머 그룹 지연', en: 'Consumer group lag' },
  reading: { status: 'ok', value: {}, takenAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) },
  findings: [{ key: 'x', severity: 'critical', text: { ko: hostile, en: hostile } }],
  rows: [
    ['GROUP', 'LAG'],
    [hostile, '12'],
    ['x'.repeat(1_048_576), '3'],
  ],
};

test('a document: heading, time, status, findings, a table in which no cell can break out', () => {
  const lines = readingMarkdown(shown, 'en').split('\n');
  const quoted = 'a\\|b \\| c \\\\\\| \\<img src=x> \\`code\\` \\*한';
  expect(lines).toEqual([
    '## kafka.group-lag: Consumer group lag',
    '',
    '- time: 2026-01-02T03:04:05.000Z',
    '- status: finding',
    '',
    '### Findings',
    '',
    `- **critical** ${quoted}`,
    '',
    '| GROUP | LAG |',
    '| --- | --- |',
    `| ${quoted} | 12 |`,
    expect.stringMatching(/^\| x{500}… \(1,048,576 characters\) \| 3 \|$/),
    '',
  ]);
});

test('what is unknown says since when and why', () => {
  const reading = { status: 'unknown', reason: 'not permitted: needs PROCESS', sinceMs: 0 } as const;
  const text = readingMarkdown({ ...shown, reading, findings: [], rows: [] }, 'ko');
  expect(text.split('\n').slice(0, 6)).toEqual([
    '## kafka.group-lag: 컨슈머 그룹 지연',
    '',
    '- 언제부터: 1970-01-01T00:00:00.000Z',
    '- 상태: 알 수 없음',
    '- 이유: not permitted: needs PROCESS',
    '',
  ]);
});

test('on a terminal nothing of it moves the cursor, and nothing is longer than a cell may be', async () => {
  const text = await readingText(shown, 'en');
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  expect(text.length).toBeLessThan(5_000);
});

test('where TLS is why, what to try follows, in the language that is asked for', async () => {
  const reason = 'Redis at r:6379: this port does not speak TLS (PORT_IS_PLAIN); try the TLS port, or no TLS at all';
  const reading = { status: 'unknown', reason, sinceMs: 0 } as const;
  expect(await readingText({ ...shown, probe: 'redis.nodes', reading, findings: [], rows: [] }, 'ko')).toBe(
    [
      `redis.nodes: 알 수 없음 (${reason})`,
      '  이유  TLS로 접속했지만 서버는 평문으로만 답합니다',
      '  해결  TLS 포트를 주소로 쓰기',
      '        kafka:// · redis:// 또는 tls= 빼기: 암호화하지 않음 (labctl.yaml: tls 없이)',
    ].join('\n'),
  );
  expect(readingMarkdown({ ...shown, reading, findings: [], rows: [] }, 'en')).toContain(
    '- why it was asked in TLS, and answers in plain text only\n',
  );
});
