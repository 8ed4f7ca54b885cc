import { command } from '../command.ts';
import { plainTable } from '../output/table.ts';

interface ProfileList {
  readonly schema: 'labctl.profiles/1';
  readonly file: string;
  readonly profiles: readonly {
    readonly name: string;
    readonly engines: readonly string[];
    readonly roles: readonly string[];
    readonly checks: number;
  }[];
}

export const profileList = command({
  path: ['profile', 'list'],
  summary: { ko: 'labctl.yaml에 있는 내 스택', en: 'the stacks in labctl.yaml' },
  impact: 'read',
  details: {
    ko: '찾는 곳: --config, LABCTL_CONFIG, ./labctl.yaml, ~/.config/labctl/labctl.yaml',
    en: 'It is looked for in: --config, LABCTL_CONFIG, ./labctl.yaml, ~/.config/labctl/labctl.yaml',
  },
  fields: {},
  async run(_input, { own, env }): Promise<ProfileList> {
    const { openProfiles } = await import('../../infra/own-stack/own-stack.ts');
    const { path, profiles } = openProfiles(own, env);
    return {
      schema: 'labctl.profiles/1',
      file: path,
      profiles: Object.entries(profiles).map(([name, { roles, checks, ...engines }]) => ({
        name,
        engines: Object.entries(engines).flatMap(([engine, settings]) => (settings === undefined ? [] : [engine])),
        roles: Object.entries(roles).flatMap(([role, names]) =>
          names === undefined || Object.keys(names).length === 0 ? [] : [role],
        ),
        checks: checks.length,
      })),
    };
  },
  async text({ file, profiles }, { language }) {
    const heading = { ko: ['프로필', '엔진', '역할', '점검'], en: ['PROFILE', 'ENGINES', 'ROLES', 'CHECKS'] }[language];
    const rows = profiles.map(({ name, engines, roles, checks }) => [
      name,
      engines.join(', '),
      roles.join(', ') || '-',
      String(checks),
    ]);
    return `${await plainTable([heading, ...rows], [3])}\n\n${file}`;
  },
});
