import type { DriverFindings } from '../../infra/stack/driver.ts';
import type { MachineFindings } from '../../infra/stack/native/machine.ts';
import type { Language, Text } from '../../infra/text.ts';
import { command } from '../command.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { plainTable } from '../output/table.ts';
import { bytesText } from '../output/units.ts';

/** Something that keeps `labctl up` from working, and what to do about it. */
interface Problem {
  readonly what: Text;
  readonly tryThis: Text;
}

interface DoctorResult {
  readonly schema: 'labctl.doctor/1';
  readonly driver: DriverFindings;
  readonly machine: MachineFindings;
  readonly problems: readonly Problem[];
}

export const doctor = command({
  path: ['doctor'],
  summary: {
    ko: '이 기계에서 랩이 돌 수 있는지, 무엇이 부족한지',
    en: 'whether this machine can run the lab, and what it lacks',
  },
  impact: 'read',
  details: {
    ko: 'PATH의 Java, Maven, mysqld(8.4 이상), redis-server(7.0 이상)는 맞으면 그대로 씁니다. LABCTL_HOST_ENGINES=0이면 mysqld와 redis-server는 전용 패키지 것만 씁니다.\n종료 코드: 0 문제없음 · 1 할 일 있음',
    en: 'Java, Maven, mysqld (8.4 or newer) and redis-server (7.0 or newer) of the PATH are used where they fit; with LABCTL_HOST_ENGINES=0 mysqld and redis-server only come from private packages.\nExit code: 0 nothing to do · 1 something to do',
  },
  fields: {},
  async run(_input, { config, env }): Promise<DoctorResult> {
    const [{ inspectMachine }, { driverFindings }] = await Promise.all([
      import('../../infra/stack/native/machine.ts'),
      import('../../infra/stack/driver.ts'),
    ]);
    const [machine, driver] = await Promise.all([inspectMachine(await config()), driverFindings(await config(), env)]);
    return { schema: 'labctl.doctor/1', driver, machine, problems: problemsOf(machine, driver) };
  },
  exitCode: ({ problems }) => (problems.length === 0 ? exitCodes.ok : exitCodes.finding),
  async text({ driver, machine, problems }, { language }) {
    const facts = await plainTable([driverFact(driver, language), ...factsOf(machine, language)]);
    const verdict = problems.length === 0 ? [noProblems[language]] : problems.flatMap(problemLines(language));
    return `${facts}\n\n${verdict.join('\n')}`;
  },
});

const noProblems: Text = {
  ko: '문제가 없습니다. 시작: labctl up',
  en: 'Nothing to do. To start: labctl up',
};

const problemLines =
  (language: Language) =>
  ({ what, tryThis }: Problem): string[] => [`✗ ${what[language]}`, `  → ${tryThis[language]}`];

/** Pure: what of the facts stands in the way of `up`. Containers bring their programs, and their ports are Docker's. */
export function problemsOf(machine: MachineFindings, driver: DriverFindings): readonly Problem[] {
  if (driver.next === 'compose') return [...nodeProblems(machine), ...dockerProblems(driver)];
  return [...nodeProblems(machine), ...programProblems(machine), ...roomProblems(machine), ...portProblems(machine)];
}

function nodeProblems({ node }: MachineFindings): Problem[] {
  if (node.fits) return [];
  return [
    {
      what: { ko: `Node ${node.version}은(는) 너무 낮습니다`, en: `Node ${node.version} is too old` },
      tryThis: { ko: 'npm ci (Node 24를 함께 설치합니다)', en: 'npm ci (it brings Node 24)' },
    },
  ];
}

function dockerProblems({ docker }: DriverFindings): Problem[] {
  if (docker.answers) return [];
  return [
    {
      what: {
        ko: `이 랩은 compose로 도는데 Docker가 응답하지 않습니다: ${docker.why ?? ''}`,
        en: `this lab is run by compose, and Docker does not answer: ${docker.why ?? ''}`,
      },
      tryThis: {
        ko: 'Docker를 시작하거나, labctl up --driver native',
        en: 'start Docker, or labctl up --driver native',
      },
    },
  ];
}

function programProblems({ java, packageTools, missing, platform }: MachineFindings): Problem[] {
  const problems: Problem[] = [];
  const lacking = Object.entries(packageTools).flatMap(([tool, path]) => (path === undefined ? [tool] : []));
  const mustFetch = missing.length > 0 || !java.some(({ fits }) => fits);
  if (mustFetch && lacking.length > 0) {
    const what = missing.length > 0 ? missing.join(', ') : 'Java';
    problems.push({
      what: {
        ko: `${what}을(를) 내려받아야 하는데 ${lacking.join(', ')}이(가) 없습니다`,
        en: `${what} must be fetched, and ${lacking.join(', ')} is missing`,
      },
      tryThis: {
        ko: `${lacking.join(', ')}을(를) 설치하거나, ${platform}에 Java 21 이상, MySQL 8.4 이상, Redis 7.0 이상을 직접 설치하거나, Docker를 쓰세요`,
        en: `install ${lacking.join(', ')}; or install Java 21, MySQL 8.4 and Redis 7.0 or newer on this ${platform} yourself; or use Docker`,
      },
    });
  }
  return problems;
}

function roomProblems({ disk, memory }: MachineFindings): Problem[] {
  const problems: Problem[] = disk
    .filter(({ freeBytes, neededBytes }) => freeBytes < neededBytes)
    .map(({ folder, freeBytes, neededBytes }) => ({
      what: {
        ko: `${folder}의 디스크가 부족합니다: ${bytesText(freeBytes)} 남음, ${bytesText(neededBytes)} 필요`,
        en: `too little disk under ${folder}: ${bytesText(freeBytes)} free, ${bytesText(neededBytes)} needed`,
      },
      tryThis: {
        ko: '공간을 비우거나 LABCTL_STATE_DIR, LABCTL_CACHE_DIR을 다른 디스크로 옮기세요',
        en: 'free some, or point LABCTL_STATE_DIR or LABCTL_CACHE_DIR to another disk',
      },
    }));
  if (memory !== undefined && memory.availableBytes < memory.neededBytes) {
    problems.push({
      what: {
        ko: `메모리가 부족합니다: ${bytesText(memory.availableBytes)} 사용 가능, ${bytesText(memory.neededBytes)} 필요`,
        en: `too little memory: ${bytesText(memory.availableBytes)} available, ${bytesText(memory.neededBytes)} needed`,
      },
      tryThis: { ko: '다른 프로그램을 닫으세요', en: 'close other programs' },
    });
  }
  return problems;
}

function portProblems({ ports }: MachineFindings): Problem[] {
  return ports
    .filter(({ state }) => state === 'taken')
    .map(({ name, port, holder }) => ({
      what: {
        ko: `${name}의 포트 ${port}을(를) ${holder ?? '다른 프로세스'}이(가) 쓰고 있습니다`,
        en: `port ${port} of ${name} is taken by ${holder ?? 'another process'}`,
      },
      tryThis: {
        ko: '그 프로세스를 끝내거나, 다른 LABCTL_PORT_OFFSET(예: 300)으로 모든 포트를 옮기세요',
        en: 'end that process, or move all ports by another LABCTL_PORT_OFFSET, such as 300',
      },
    }));
}

function driverFact({ next, recorded, docker }: DriverFindings, language: Language): string[] {
  const why =
    recorded === undefined
      ? { ko: '다음 labctl up이 고를 것', en: 'what the next labctl up will choose' }
      : { ko: '이 랩이 쓰는 것', en: 'what this lab has' };
  const found = docker.answers
    ? `Docker ${docker.engine}, Compose ${docker.compose}`
    : { ko: `Docker 없음: ${docker.why}`, en: `no Docker: ${docker.why}` }[language];
  return [{ ko: '드라이버', en: 'driver' }[language], `${next}  (${why[language]}; ${found})`];
}

function factsOf(machine: MachineFindings, language: Language): string[][] {
  const word = (ko: string, en: string): string => ({ ko, en })[language];
  const none = word('없음', 'none');
  const tools = Object.entries(machine.packageTools);
  const ports = (state: string): number => machine.ports.filter((port) => port.state === state).length;
  return [
    [word('기계', 'machine'), [machine.platform, machine.distribution ?? ''].join('  ').trimEnd()],
    ['Node', machine.node.version],
    [
      'Java',
      programsText(machine.java, language) || word('없음: 전용 JRE를 내려받습니다', 'none: a private JRE is fetched'),
    ],
    ['MySQL', serversText(machine.mysql, language)],
    ['Redis', serversText(machine.redis, language)],
    ['Maven', machine.maven === undefined ? none : programsText([machine.maven], language)],
    [word('도구', 'tools'), tools.map(([tool, path]) => `${path === undefined ? '✗' : '✓'} ${tool}`).join('  ')],
    ...machine.disk.map(({ folder, freeBytes, neededBytes }) => [
      word('디스크', 'disk'),
      `${roomText(freeBytes, neededBytes, language)}  ${folder}`,
    ]),
    ...(machine.memory === undefined
      ? []
      : [[word('메모리', 'memory'), roomText(machine.memory.availableBytes, machine.memory.neededBytes, language)]]),
    [
      word('포트', 'ports'),
      word(
        `비어 있음 ${ports('free')}, 이 랩이 사용 ${ports('own')}, 남이 사용 ${ports('taken')}`,
        `${ports('free')} free, ${ports('own')} held by this lab, ${ports('taken')} taken`,
      ),
    ],
    ...machine.fetched.map(({ engine, version, folder }) => [engine, `${version}  ${folder}`]),
    ...(machine.missing.length === 0
      ? []
      : [[word('받을 것', 'to fetch'), `${machine.missing.join(', ')} (labctl up)`]]),
  ];
}

function programsText(programs: MachineFindings['java'], language: Language): string {
  return programs
    .map(
      ({ path, version = '?', rejected }) =>
        `${version}  ${path}${rejected === undefined ? '' : `  (${rejected[language]})`}`,
    )
    .join('; ');
}

function serversText(servers: MachineFindings['mysql'], language: Language): string {
  const own = { ko: '전용 패키지를 씁니다', en: 'that of the private packages' }[language];
  return [
    ...(servers.length === 0 ? [] : [programsText(servers, language)]),
    ...(servers.some(({ fits }) => fits) ? [] : [own]),
  ].join('; ');
}

function roomText(freeBytes: number, neededBytes: number, language: Language): string {
  const free = bytesText(freeBytes);
  if (neededBytes === 0) return { ko: `${free} 남음`, en: `${free} free` }[language];
  const needed = bytesText(neededBytes);
  return { ko: `${free} 남음, ${needed} 더 필요`, en: `${free} free, ${needed} more needed` }[language];
}
