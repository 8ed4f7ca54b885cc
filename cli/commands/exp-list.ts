import { command } from '../command.ts';
import { plainTable } from '../output/table.ts';

export const expList = command({
  path: ['exp', 'list'],
  summary: { ko: '실험 목록', en: 'the experiments there are' },
  impact: 'read',
  fields: {},
  async run() {
    const { listExperiments } = await import('../../experiments/index.ts');
    return { schema: 'labctl.exp.list/1' as const, experiments: listExperiments() };
  },
  text({ experiments }, { language }) {
    const rows = experiments.map(({ id, title, needs, secondsFast, arms }) => [
      id,
      title[language],
      needsWords[needs][language],
      `${secondsFast} s`,
      arms.map(({ name, expects }) => `${expects === 'anomaly' ? '✗' : '✓'} ${name}`).join(', '),
    ]);
    return plainTable([headings[language], ...rows], [3]);
  },
});

const headings = {
  ko: ['실험', '제목', '필요', '--fast', '갈래 (✗ 이상이 재현되어야, ✓ 막아야)'],
  en: ['ID', 'TITLE', 'NEEDS', '--fast', 'ARMS (✗ must reproduce, ✓ must hold)'],
} as const;

const needsWords = {
  shared: { ko: '함께 가능', en: 'shared' },
  quiet: { ko: '조용히', en: 'quiet' },
  exclusive: { ko: '혼자', en: 'exclusive' },
} as const;
