import { onDemandEngineOf } from '../../infra/stack/on-demand.ts';
import type { NodeStatus } from '../../infra/stack/stack.ts';
import type { Language, Text } from '../../infra/text.ts';
import type { DemoStatus } from '../../workers/supervisor/demo.ts';
import { command } from '../command.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { plainTable } from '../output/table.ts';
import { bytesText } from '../output/units.ts';
import { rateText } from '../rate.ts';

interface StatusResult {
  readonly schema: 'labctl.status/1';
  readonly driver: string;
  /** all: every node runs. some: at least one is down. none: the lab is down. */
  readonly up: 'all' | 'some' | 'none';
  readonly nodes: readonly (NodeStatus & { readonly cpuPercent?: number })[];
  readonly demo: DemoStatus;
}

/** Long enough for /proc's ticks of 10 ms to say something. */
const cpuWindowMs = 400;

export const status = command({
  path: ['status'],
  summary: {
    ko: '노드와 데모의 상태, pid, 메모리, CPU, 포트, 버전',
    en: 'nodes and demo: state, pid, memory, CPU, port, version',
  },
  impact: 'read',
  details: {
    ko: '프로세스의 상태입니다. 응답하는지는 `labctl get stack.health`가 봅니다.\n종료 코드: 0 모두 실행 중 · 1 하나라도 아님',
    en: 'The state of processes; whether they answer is asked by `labctl get stack.health`.\nExit code: 0 all running · 1 at least one is not',
  },
  fields: {},
  async run(_input, { config, stack, clock, signal }): Promise<StatusResult> {
    const [{ usageOf }, { demoStatus }, lab] = await Promise.all([
      import('../../infra/process.ts'),
      import('../../workers/supervisor/demo.ts'),
      stack(),
    ]);
    const nodes = await lab.status();
    const startMs = clock.monotonic();
    if (nodes.some(({ usage }) => usage !== undefined)) await clock.sleep(cpuWindowMs, signal);
    const measured = nodes.map((node) => {
      const later = node.process && usageOf(node.process.pid);
      if (node.usage === undefined || later === undefined) return node;
      const cpuPercent = ((later.cpuMs - node.usage.cpuMs) / (clock.monotonic() - startMs)) * 100;
      return { ...node, cpuPercent: Math.round(cpuPercent * 10) / 10 };
    });
    const running = nodes.filter(({ state }) => state === 'running').length;
    return {
      schema: 'labctl.status/1',
      driver: lab.driver,
      up: running === nodes.length ? 'all' : running === 0 ? 'none' : 'some',
      nodes: measured,
      demo: await demoStatus(await config()),
    };
  },
  exitCode: ({ up }) => (up === 'all' ? exitCodes.ok : exitCodes.finding),
  async text({ nodes, up, demo, driver }, { language }) {
    const rows = nodes.map((node) => [
      node.node,
      states[node.state][language],
      node.process === undefined ? '-' : String(node.process.pid),
      node.usage === undefined ? '-' : bytesText(node.usage.rssBytes),
      node.cpuPercent === undefined ? '-' : `${node.cpuPercent.toFixed(1)} %`,
      String(node.port),
      node.version ?? '-',
    ]);
    const table = await plainTable([headings[language], ...rows], [2, 3, 4, 5]);
    const hint = up === 'all' ? '' : `\n${up === 'none' ? isDown[language] : someHint(nodes)[language]}`;
    return `${table}\n\n${driverLine(driver, language)}${demoLine(demo, language)}${hint}`;
  },
});

const headings = {
  ko: ['노드', '상태', 'PID', '메모리', 'CPU', '포트', '버전'],
  en: ['NODE', 'STATE', 'PID', 'RSS', 'CPU', 'PORT', 'VERSION'],
} as const;

const states = {
  running: { ko: '실행 중', en: 'running' },
  paused: { ko: '멈춤', en: 'paused' },
  dead: { ko: '죽음', en: 'dead' },
  stopped: { ko: '꺼짐', en: 'stopped' },
} as const satisfies Readonly<Record<NodeStatus['state'], Text>>;

const isDown: Text = { ko: '랩이 꺼져 있습니다. 시작하려면: labctl up', en: 'The lab is down. To start it: labctl up' };

/** `up` alone starts no engine that has to be named. */
function someHint(nodes: readonly NodeStatus[]): Text {
  const down = nodes.filter(({ state }) => state === 'dead' || state === 'stopped');
  const named = new Set(down.flatMap(({ node }) => onDemandEngineOf(node) ?? []));
  const command = ['labctl up', ...named].join(' ');
  return {
    ko: `모두 띄우려면 (멈춘 노드도 계속): ${command}`,
    en: `to bring all up, paused ones too: ${command}`,
  };
}

/** Native is what the table shows anyway: pids. */
function driverLine(driver: string, language: Language): string {
  if (driver === 'native') return '';
  return { ko: '드라이버: compose (docker compose ps)\n', en: 'driver: compose (docker compose ps)\n' }[language];
}

function demoLine({ running, transfersPerSecond, process }: DemoStatus, language: Language): string {
  if (running) {
    const rate = transfersPerSecond === undefined ? '' : ` ${rateText(transfersPerSecond)}`;
    const pid = process === undefined ? '' : `, pid ${process.pid}`;
    return { ko: `데모: 실행 중${rate}${pid}`, en: `demo: running${rate}${pid}` }[language];
  }
  // A record without its process: nobody stopped it, it died.
  return process === undefined
    ? { ko: '데모: 꺼짐', en: 'demo: stopped' }[language]
    : {
        ko: `데모: 죽음 (pid ${process.pid}), 다시 시작: labctl load`,
        en: `demo: died (pid ${process.pid}); start it again with labctl load`,
      }[language];
}
