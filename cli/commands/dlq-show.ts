import type { Delivery, Handled, IndexedLetter } from '../../infra/dead-letters/index-rows.ts';
import type { LetterRecord } from '../../infra/dead-letters/record.ts';
import { UserError } from '../../infra/errors.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { letterText } from '../dead-letter-text.ts';
import { argument } from '../fields.ts';
import { onLab } from '../lab-tables.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';

export interface ShownLetter {
  readonly schema: 'labctl.dlq.show/1';
  readonly letter: IndexedLetter;
  readonly deliveries: readonly Delivery[];
  /** Not empty: consumers have handled the event all the same. */
  readonly handled: readonly Handled[];
  readonly record: LetterRecord;
}

export const dlqShow = command({
  path: ['dlq', 'show'],
  summary: {
    ko: '데드 레터 하나를 통째로: 헤더, 출처, 시도 이력, 값',
    en: 'one dead letter whole: headers, origin, deliveries, value',
  },
  impact: 'read',
  details: {
    ko: '값은 레지스트리의 스키마로 풀고, 풀 수 없으면 이유와 함께 16진수로 보입니다.\n종료 코드: 0 · 2 레코드를 읽지 못함 (Kafka 중단)',
    en: 'The value is decoded by its schema in the registry; where it cannot be, it is shown in hexadecimal with why.\nExit code: 0 · 2 the record could not be read (Kafka is down)',
  },
  fields: { id: argument('<id>', { ko: '번호 (labctl dlq list --flat)', en: 'its id (labctl dlq list --flat)' }) },
  async run({ id }, context): Promise<ShownLetter> {
    if (!/^\d{1,18}$/.test(id)) throw noSuchLetter(id);
    const { deliveriesOf, handledOf, letterOf } = await import('../../infra/dead-letters/index-rows.ts');
    return onLab(context, async ({ mysql, kafka }) => {
      const letter = await letterOf(mysql, id);
      if (letter === undefined) throw noSuchLetter(id);
      const [deliveries, handled, record] = await Promise.all([
        deliveriesOf(mysql, letter),
        handledOf(mysql, letter),
        recordOf(letter, kafka, context),
      ]);
      return { schema: 'labctl.dlq.show/1', letter, deliveries, handled, record };
    });
  },
  exitCode: ({ record }): ExitCode => (record.status === 'unknown' ? exitCodes.unknown : exitCodes.ok),
  text: (shown, { language }) => letterText(shown, language),
});

async function recordOf(
  letter: IndexedLetter,
  reader: Parameters<typeof import('../../infra/dead-letters/record.ts').readLetterRecord>[1]['reader'],
  context: Context,
): Promise<LetterRecord> {
  const [{ readLetterRecord }, endpoints] = await Promise.all([
    import('../../infra/dead-letters/record.ts'),
    context.endpoints(),
  ]);
  return readLetterRecord(letter, { reader, registryUrl: endpoints.registry });
}

function noSuchLetter(id: string): UserError {
  return new UserError(
    { ko: `${id}번 데드 레터는 없습니다`, en: `there is no dead letter ${id}` },
    { tryThis: ['labctl dlq list --flat'] },
  );
}
