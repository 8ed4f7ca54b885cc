import type { Text } from '../../infra/text.ts';
import type { CommandGroup } from '../program.ts';
import { diagnose } from './diagnose.ts';
import { dlqClassify } from './dlq-classify.ts';
import { dlqList } from './dlq-list.ts';
import { dlqShow } from './dlq-show.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { env } from './env.ts';
import { expAssert } from './exp-assert.ts';
import { expCleanup } from './exp-cleanup.ts';
import { expList } from './exp-list.ts';
import { expRun } from './exp-run.ts';
import { faultBug } from './fault-bug.ts';
import { faultDependency } from './fault-dependency.ts';
import { faultFreezeFollowers } from './fault-freeze-followers.ts';
import { faultHeal } from './fault-heal.ts';
import { faultKill } from './fault-kill.ts';
import { faultList } from './fault-list.ts';
import { faultMysqlCut } from './fault-mysql-cut.ts';
import { faultMysqlLatency } from './fault-mysql-latency.ts';
import { faultPause } from './fault-pause.ts';
import { faultPoison } from './fault-poison.ts';
import { faultRestart } from './fault-restart.ts';
import { faultSlow } from './fault-slow.ts';
import { faultStop } from './fault-stop.ts';
import { get } from './get.ts';
import { loadRun } from './load-run.ts';
import { loadStatus } from './load-status.ts';
import { loadStop } from './load-stop.ts';
import { logs } from './logs.ts';
import { outboxList } from './outbox-list.ts';
import { outboxRetry } from './outbox-retry.ts';
import { outboxSkip } from './outbox-skip.ts';
import { profileGrants } from './profile-grants.ts';
import { profileList } from './profile-list.ts';
import { profileShow } from './profile-show.ts';
import { runList } from './run-list.ts';
import { runView } from './run-view.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { top } from './top.ts';
import { topicsCreate } from './topics-create.ts';
import { trace } from './trace.ts';
import { tui } from './tui.ts';
import { up } from './up.ts';

/** Every command, in the order of the help. */
export const commandGroups: readonly CommandGroup[] = [
  {
    heading: { ko: '랩', en: 'The lab' },
    commands: [start, up, down, status, doctor, env, logs, topicsCreate],
  },
  {
    heading: { ko: '보기', en: 'Seeing' },
    commands: [tui, top, get, diagnose, trace, profileList, profileShow, profileGrants],
  },
  {
    heading: { ko: '고치기', en: 'Mending' },
    commands: [dlqList, dlqShow, dlqClassify, outboxList, outboxRetry, outboxSkip],
  },
  {
    heading: { ko: '실험', en: 'Trying' },
    commands: [expList, expRun, expAssert, expCleanup, runList, runView, loadRun, loadStop, loadStatus],
  },
  {
    heading: { ko: '망가뜨리기', en: 'Breaking' },
    commands: [
      ...[faultKill, faultPause, faultStop, faultRestart, faultFreezeFollowers],
      ...[faultSlow, faultDependency, faultBug, faultPoison, faultMysqlLatency, faultMysqlCut],
      ...[faultList, faultHeal],
    ],
  },
];

/** Words that only have commands under them. */
export const parents: Readonly<Record<string, Text>> = {
  fault: {
    ko: '장애: 걸기, 목록, 치유. 시간이 지나면 스스로 치유',
    en: 'faults: inject, list, heal; each heals itself when its time is up',
  },
  exp: { ko: '실험: 목록, 실행, 판정, 정리', en: 'experiments: list, run, judge, clean up' },
  dlq: {
    ko: '데드 레터: 목록, 하나 보기, 다시 분류',
    en: 'dead letters: list, show one, class anew',
  },
  outbox: {
    ko: '키를 붙잡고 있는 아웃박스 행: 목록, 다시 보내기, 건너뛰기',
    en: 'outbox rows that hold their key: list, send again, skip',
  },
  profile: {
    ko: '내 스택: 목록, 보기와 확인, 필요한 권한',
    en: 'your own stacks: list, show and check, the rights they need',
  },
  run: { ko: '기록된 실행 보기', en: 'what earlier runs recorded' },
};
