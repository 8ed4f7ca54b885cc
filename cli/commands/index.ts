import type { Text } from '../../infra/text.ts';
import type { CommandGroup } from '../program.ts';
import { down } from './down.ts';
import { loadRun } from './load-run.ts';
import { loadStatus } from './load-status.ts';
import { loadStop } from './load-stop.ts';
import { logs } from './logs.ts';
import { status } from './status.ts';
import { topicsCreate } from './topics-create.ts';
import { up } from './up.ts';

/** Every command, in the order of the help. */
export const commandGroups: readonly CommandGroup[] = [
  {
    heading: { ko: '랩', en: 'The lab' },
    commands: [up, down, status, logs, topicsCreate],
  },
  {
    heading: { ko: '데모', en: 'The demo' },
    commands: [loadRun, loadStop, loadStatus],
  },
];

/** Words that only have commands under them. */
export const parents: Readonly<Record<string, Text>> = {
  exp: { ko: '실험: 목록, 실행, 판정, 정리', en: 'experiments: list, run, judge, clean up' },
};
