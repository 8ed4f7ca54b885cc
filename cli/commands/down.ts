import { faultsFolder, leaseIds } from '../../infra/faults/folder.ts';
import type { NodeStatus } from '../../infra/stack/stack.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { faultLabOf } from '../fault-order.ts';
import { flag } from '../fields.ts';
import { progressOf } from '../lab-up.ts';
import { confirm } from '../output/confirm.ts';

interface DownResult {
  readonly schema: 'labctl.down/1';
  /** Nodes that ran and were stopped. */
  readonly stopped: readonly string[];
  readonly demoStopped: boolean;
  /** Faults that were active. */
  readonly faultsEnded: readonly string[];
  readonly wiped: boolean;
}

export const down = command({
  path: ['down'],
  summary: {
    ko: '데모와 엔진을 순서대로 종료 (-v: 데이터도 삭제)',
    en: 'stop the demo and the engines in order (-v: delete their data too)',
  },
  impact: 'destructive',
  details: {
    ko: '실험이 실행 중이면 거절합니다(종료 코드 3). -v는 터미널에서만 y/n으로 묻고, 로그와 실험 기록(runs)은 남깁니다.',
    en: 'It is refused while an experiment runs (exit code 3). -v asks y/n, at a terminal only; logs and recorded runs stay.',
  },
  fields: {
    volumes: flag('-v, --volumes', {
      ko: '데이터베이스·토픽·캐시를 모두 삭제 (내려받은 엔진은 남김)',
      en: 'delete database, topics and cache; fetched engines stay',
    }),
    yes: flag('-y, --yes', { ko: '-v일 때 묻지 않음', en: 'do not ask before -v' }),
    force: flag('--force', { ko: '실험이 실행 중이어도 종료', en: 'also while an experiment runs' }),
  },
  async run({ volumes, yes, force }, context): Promise<DownResult> {
    const lab = await context.stack();
    const before = await lab.status();
    if (!force) await refuseWhileExperimentsRun(before, context);
    if (volumes) await confirm(context, deletesAll, { yes, unattended: 'wanted' });
    const { stopDemo } = await import('../../workers/supervisor/demo.ts');
    let demoStopped = false;
    const faultsEnded = await endingFaults(context, async () => {
      // Before the engines: workers that lose them under their feet would only fill their logs.
      demoStopped = await stopDemo(await context.config());
      await lab.down({ wipe: volumes }, progressOf(context));
    });
    if (volumes) (await import('../../infra/stack/driver.ts')).forgetDriver(await context.config());
    return {
      schema: 'labctl.down/1',
      stopped: before.filter(({ state }) => state === 'running' || state === 'paused').map(({ node }) => node),
      demoStopped,
      faultsEnded,
      wiped: volumes,
    };
  },
  text({ stopped, wiped, faultsEnded }, { language }) {
    const data = {
      ko: wiped ? '데이터를 모두 지웠습니다' : '데이터는 남아 있습니다 (모두 지우려면 labctl down -v)',
      en: wiped ? 'all data is deleted' : 'the data is kept (labctl down -v deletes it)',
    };
    const what = {
      ko: stopped.length === 0 ? '떠 있는 노드가 없었습니다' : `노드 ${stopped.length}개를 종료했습니다`,
      en: stopped.length === 0 ? 'Nothing was running' : `Stopped ${stopped.length} nodes`,
    };
    const faults = {
      ko: `걸려 있던 장애를 끝냈습니다: ${faultsEnded.join(', ')}\n`,
      en: `Faults ended: ${faultsEnded.join(', ')}\n`,
    };
    return `${faultsEnded.length === 0 ? '' : faults[language]}${what[language]}; ${data[language]}`;
  },
});

/** Without any fault nothing is loaded for them. One that comes meanwhile ends with the rest. */
async function endingFaults(context: Context, stopLab: () => Promise<void>): Promise<readonly string[]> {
  const { stateDir } = await context.config();
  const none = (): boolean => leaseIds(faultsFolder(stateDir)).length === 0;
  const before = none();
  if (before) await stopLab();
  if (none()) return [];
  const { endLeases } = await import('../../infra/faults/end-leases.ts');
  const records = await endLeases(await faultLabOf(context), before ? async () => {} : stopLab);
  return records.map(({ id }) => id);
}

const deletesAll = {
  ko: '데이터베이스·토픽·캐시를 모두 지웁니다. 계속할까요?',
  en: 'This deletes database, topics and cache. Go on?',
};

async function refuseWhileExperimentsRun(nodes: readonly NodeStatus[], context: Context): Promise<void> {
  const { liveRuns, refuseUnderRuns } = await import('../../experiments/harness/live-runs.ts');
  const [{ stateDir }, endpoints] = await Promise.all([context.config(), context.endpoints()]);
  const mysqlRuns = nodes.some(({ node, state }) => node === 'mysql' && state === 'running');
  refuseUnderRuns(await liveRuns({ stateDir, endpoints, mysqlRuns }));
}
