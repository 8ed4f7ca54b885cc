import { UserError } from '../infra/errors.ts';
import { type Subject, subjectOptions } from '../infra/probes/probe.ts';
import type { Text } from '../infra/text.ts';
import { repeatableOption, textOption } from './fields.ts';

/** What a measurement or a diagnosis is narrowed to, as options of a command. */
export const subjectFields = {
  tx: textOption('--tx <id>', { ko: '한 거래로 좁힘', en: 'narrow it to one transaction' }),
  account: textOption('--account <id>', { ko: '한 계좌로 좁힘', en: 'narrow it to one account' }),
  key: repeatableOption('--key <key>', {
    ko: '한 dedup_key나 캐시 키로 좁힘 (여러 번 쓸 수 있음)',
    en: 'narrow it to one dedup_key or cache key; can be given several times',
  }),
};

/** @throws UserError for an account that is no whole number. */
export function subjectOf({
  tx,
  account,
  key,
}: {
  readonly tx: string | undefined;
  readonly account: string | undefined;
  readonly key: readonly string[];
}): Subject {
  if (account !== undefined && !/^-?\d{1,19}$/.test(account)) {
    throw new UserError(
      { ko: `--account에 "${account}"은(는) 쓸 수 없습니다`, en: `--account cannot be "${account}"` },
      { why: { ko: '계좌 번호는 정수입니다', en: 'an account id is a whole number' }, tryThis: ['--account 1001'] },
    );
  }
  return {
    ...(tx === undefined ? {} : { txId: tx }),
    ...(account === undefined ? {} : { accountId: BigInt(account) }),
    ...(key.length === 0 ? {} : { keys: key }),
  };
}

/** An answer about everything must not pass for one about the subject. @throws UserError */
export function refuseUnnarrowed(
  { name, narrowsBy }: { readonly name: Text; readonly narrowsBy: readonly (keyof Subject)[] },
  subject: Subject,
  instead: string,
): void {
  const [first] = (Object.keys(subject) as (keyof Subject)[]).filter((part) => !narrowsBy.includes(part));
  if (first === undefined) return;
  const option = subjectOptions[first];
  const can = narrowsBy.map((part) => subjectOptions[part]);
  throw new UserError(
    { ko: `${name.ko}: ${option}로 좁힐 수 없습니다`, en: `${name.en} cannot be narrowed by ${option}` },
    {
      why:
        can.length === 0
          ? { ko: '언제나 전체를 봅니다', en: 'it always looks at everything' }
          : { ko: `좁힐 수 있는 것: ${can.join(', ')}`, en: `it can be narrowed by: ${can.join(', ')}` },
      tryThis: [instead],
    },
  );
}
