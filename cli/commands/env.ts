import { command } from '../command.ts';
import { flag, hidden } from '../fields.ts';

export const env = command({
  path: ['env'],
  summary: {
    ko: '셸에서 mysql, redis-cli, Kafka 도구와 labctl을 쓰기 위한 PATH',
    en: "the PATH for mysql, redis-cli, Kafka's own tools and labctl in your shell",
  },
  impact: 'read',
  details: {
    ko: '이렇게 씁니다: eval "$(labctl env)"',
    en: 'Use it so: eval "$(labctl env)"',
  },
  fields: {
    // The kafka-* programs of that folder call this when they are used for the first time.
    fetchKafkaTools: hidden(
      flag('--fetch-kafka-tools', { ko: 'Kafka 도구를 내려받기', en: "fetch Kafka's own tools" }),
    ),
  },
  async run({ fetchKafkaTools }, { config, env, signal }) {
    if (fetchKafkaTools) {
      const fetching = await import('../../infra/stack/native/fetch/fetch-engines.ts');
      await fetching.fetchKafkaTools({ config: await config(), env, signal, onEvent() {} });
    }
    const [{ writeShims }, { packageRoot }] = await Promise.all([
      import('../../infra/stack/native/shims.ts'),
      import('../../infra/package-root.ts'),
    ]);
    const tools = await writeShims(await config());
    return { schema: 'labctl.env/1' as const, path: [tools, `${packageRoot}/bin`] };
  },
  text: ({ path }) => `export PATH=${path.map(quoted).join(':')}:"$PATH"`,
});

/** For a POSIX shell: a folder may hold blanks. */
function quoted(folder: string): string {
  return /^[\w@%+=:,./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`;
}
