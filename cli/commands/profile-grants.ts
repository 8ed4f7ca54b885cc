import type { GrantGroup } from '../../infra/own-stack/grants.ts';
import { command } from '../command.ts';
import { optionalArgument, textOption } from '../fields.ts';
import { namedStack } from '../own-stack.ts';

interface Grants {
  readonly schema: 'labctl.profile.grants/1';
  readonly user: string;
  readonly groups: readonly GrantGroup[];
}

const engines = { mysql: 'MySQL', kafka: 'Kafka', redis: 'Redis' } as const;

export const profileGrants = command({
  path: ['profile', 'grants'],
  summary: {
    ko: '읽는 데 필요한 최소 권한: GRANT, Kafka ACL, Redis ACL (붙여 넣을 수 있게)',
    en: 'the least rights that reading needs: GRANTs, Kafka ACLs, Redis ACLs, ready to paste',
  },
  impact: 'read',
  details: {
    ko: '묶음마다 따로 줄 수 있습니다. 주지 않은 묶음이 여는 것은 "not permitted"로 읽힙니다.',
    en: 'Each group may be left out; what it opens then reads "not permitted".',
  },
  fields: {
    name: optionalArgument('[name]', { ko: '프로필 이름', en: 'a profile' }),
    user: textOption('--user <name>', { ko: '계정 이름 (기본: labctl)', en: 'the account (default: labctl)' }),
  },
  async run({ name, user = 'labctl' }, context): Promise<Grants> {
    const { grantsFor } = await import('../../infra/own-stack/grants.ts');
    const { roles, endpoints } = await namedStack(context, name);
    return { schema: 'labctl.profile.grants/1', user, groups: grantsFor({ user, roles, endpoints }) };
  },
  text({ groups }, { language }) {
    const comment = { mysql: '--', kafka: '#', redis: '#' } as const;
    return groups
      .map(({ engine, gives, lines }) =>
        [`${comment[engine]} ${engines[engine]} · ${gives[language]}`, ...lines].join('\n'),
      )
      .join('\n\n');
  },
});
