import { command } from '../command.ts';

/** Behind infra/kafka/create-topics.sh, which the runbook names. */
export const topicsCreate = command({
  path: ['topics', 'create'],
  summary: { ko: '랩의 토픽과 스키마를 만듦', en: 'create the topics and the schema of the lab' },
  impact: 'write',
  hidden: true,
  fields: {},
  async run(_input, { endpoints }) {
    const [{ prepareScope }, { scopeOf }] = await Promise.all([
      import('../../infra/scope/prepare.ts'),
      import('../../infra/contract/scope.ts'),
    ]);
    const lab = scopeOf('');
    const { topics } = await prepareScope(await endpoints(), lab);
    return { schema: 'labctl.topics/1' as const, created: topics, topics: Object.values(lab.topics) };
  },
  text: ({ created, topics }, { language }) =>
    topics
      .map((topic) => {
        const made = created.includes(topic);
        const note = { ko: made ? '만들었습니다' : '이미 있습니다', en: made ? 'created' : 'is there already' };
        return `${topic}  ${note[language]}`;
      })
      .join('\n'),
});
