import { workers } from '../../workers/supervisor/workers.ts';
import { command } from '../command.ts';
import { durationOption } from '../duration.ts';
import { faultText, forOption, oneOf, orderFault } from '../fault-order.ts';
import type { Field } from '../fields.ts';

type Consumer = {
  [Name in keyof typeof workers]: 'groupId' extends keyof (typeof workers)[Name] ? Name : never;
}[keyof typeof workers];

/** Who consumes nothing has no record to wait at. */
const names = Object.entries(workers).flatMap(([name, worker]) => ('groupId' in worker ? [name as Consumer] : []));

const workerArgument: Field<Consumer> = {
  kind: 'argument',
  syntax: '<worker>',
  summary: { ko: names.join(', '), en: names.join(', ') },
  parse: (raw) => oneOf(String(raw), names, { ko: '소비하는 워커', en: 'a worker that consumes' }),
};

export const faultSlow = command({
  path: ['fault', 'slow'],
  summary: { ko: '워커가 레코드마다 기다리게 함', en: 'make a worker wait at each record' },
  impact: 'write',
  fields: {
    worker: workerArgument,
    byMs: durationOption(
      '--by <time>',
      { fallbackMs: 200, minMs: 1, maxMs: 60_000 },
      { ko: '레코드마다 기다릴 시간 (기본 200ms)', en: 'how long at each record (200ms by default)' },
    ),
    forMs: forOption,
  },
  run: ({ worker, byMs, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const { slowConsumer } = await import('../../infra/faults/slow-consumer.ts');
      return slowConsumer.of({ scope: '', worker, byMs });
    }),
  text: (result, { language }) => faultText(result, language),
});
