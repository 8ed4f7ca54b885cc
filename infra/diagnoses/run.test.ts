import { expect, onTestFinished, test } from 'vitest';
import { ownStackFrom } from '../own-stack/own-stack.ts';
import { ownTarget } from '../target.ts';
import type { Answer, Diagnosis } from './diagnosis.ts';
import { diagnose } from './run.ts';

const text = { ko: '…', en: '…' };
const answering = (commands: readonly string[]): Diagnosis => ({
  id: 'planted',
  title: text,
  question: text,
  probes: [],
  narrowsBy: [],
  timeoutMs: 1_000,
  ask: async (): Promise<Answer> => ({
    status: 'clean',
    counts: {},
    findings: [],
    explanation: text,
    next: commands.map((command) => ({ text, command })),
  }),
});

test('what to do next means the stack that was asked about, and never the lab', async () => {
  const own = { kafka: 'kafkas://me:hunter2@a:1,b:2?tls=ca', mysql: 'me@db', config: "it's.yaml" };
  const stack = await ownStackFrom(own, { env: {}, ask: async () => 'asked', osUser: 'kim' });
  const target = ownTarget(stack);
  onTestFinished(() => target.close());
  const diagnosis = answering(['labctl get kafka.isr -w', 'labctl outbox retry 7', 'kafka-topics --describe']);
  const { next } = await diagnose({ diagnosis, target });
  const options = `--kafka 'kafkas://me@a:1,b:2?tls=ca' --mysql me@db --config 'it'\\''s.yaml'`;
  expect(next.map(({ command }) => command)).toEqual([
    `labctl get kafka.isr -w ${options}`,
    undefined,
    'kafka-topics --describe',
  ]);
});
