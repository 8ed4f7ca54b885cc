import { command } from '../command.ts';
import { flag } from '../fields.ts';
import { confirm } from '../output/confirm.ts';
import { plainTable } from '../output/table.ts';
import { reclassifyLab } from '../reclassify-lab.ts';

export const dlqClassify = command({
  path: ['dlq', 'classify'],
  summary: {
    ko: '지금의 규칙으로 데드 레터를 다시 분류하면 무엇이 바뀌는지',
    en: 'what the failure rules of now would change in the index of dead letters',
  },
  impact: 'write',
  details: {
    ko: '--apply 없이는 보기만 합니다. 규칙은 상태 폴더의 failure-rules.yaml(또는 LABCTL_FAILURE_RULES)이 먼저, 그다음 기본 규칙입니다.',
    en: 'Without --apply it looks only. Your rules, failure-rules.yaml in the state folder (or LABCTL_FAILURE_RULES), come before those shipped.',
  },
  fields: {
    apply: flag('--apply', { ko: '바뀌는 것을 한 트랜잭션으로 씀', en: 'write what changes, in one transaction' }),
    yes: flag('-y, --yes', { ko: '묻지 않고 실행', en: 'do not ask' }),
  },
  async run({ apply, yes }, context) {
    if (apply) {
      const question = { ko: '색인의 분류를 바꿀까요?', en: 'Change the classes in the index?' };
      await confirm(context, question, { yes, unattended: 'refused' });
    }
    return {
      schema: 'labctl.dlq.classify/1' as const,
      applied: apply,
      ...(await reclassifyLab(context, { apply })),
    };
  },
  async text({ applied, judged, changed, changes }, { language }) {
    if (judged === 0) return { ko: '데드 레터가 없습니다', en: 'There are no dead letters' }[language];
    const total = {
      ko: `데드 레터 ${judged}건 중 ${changed}건이 ${applied ? '바뀌었습니다' : '바뀝니다'}`,
      en: `${changed} of ${judged} dead letters ${applied ? 'have changed' : 'would change'}`,
    }[language];
    if (changes.length === 0) return total;
    const rows = changes.map(({ from, to, rows: count }) => [
      from.class,
      from.rule,
      '→',
      to.class,
      to.rule,
      String(count),
    ]);
    const how = { ko: '쓰려면: labctl dlq classify --apply', en: 'to write it: labctl dlq classify --apply' }[language];
    return [await plainTable([headings[language], ...rows], [5]), '', total, ...(applied ? [] : [how])].join('\n');
  },
});

const headings = {
  ko: ['지금 분류', '규칙', '', '새 분류', '규칙', '건수'],
  en: ['CLASS NOW', 'RULE', '', 'NEW CLASS', 'RULE', 'COUNT'],
};
