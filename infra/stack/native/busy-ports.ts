import { dirname } from 'node:path';
import { systemClock } from '../../clock.ts';
import { EngineError } from '../../errors.ts';
import { type PortName, type Ports, portsOfNode } from '../ports.ts';
import type { NodeName } from '../stack.ts';
import { stackOf } from './node-mark.ts';
import { findHolders, type PortHolder } from './port-holder.ts';

/** A port that one of our nodes wants and somebody else listens on. */
export interface TakenPort {
  readonly name: PortName;
  readonly holder: PortHolder;
  /** The other lab whose node it is. */
  readonly stackDir: string | undefined;
}

/**
 * How long a port without a visible holder is given to become free: a JVM that was killed is gone from the process table
 * before the kernel has closed its sockets (its other threads are still ending).
 */
const dyingMs = 5_000;

/** @throws EngineError naming every port that is taken and its holder. */
export async function requireFreePorts(nodes: readonly NodeName[], ports: Ports): Promise<void> {
  const start = systemClock.monotonic();
  let taken = await takenPorts(nodes, ports);
  while (taken.length > 0 && taken.every(({ holder }) => holder.pid === undefined)) {
    if (systemClock.monotonic() - start > dyingMs) break;
    await systemClock.sleep(50);
    taken = await takenPorts(nodes, ports);
  }
  const [first, ...others] = taken;
  if (first !== undefined) throw portsTaken([first, ...others]);
}

async function takenPorts(nodes: readonly NodeName[], ports: Ports): Promise<readonly TakenPort[]> {
  const names = nodes.flatMap((node) => portsOfNode[node]);
  const holders = await findHolders(names.map((name) => ports[name]));
  return names.flatMap((name): TakenPort[] => {
    const holder = holders.get(ports[name]);
    if (holder === undefined) return [];
    return [{ name, holder, stackDir: holder.pid === undefined ? undefined : stackOf(holder.pid) }];
  });
}

const moveAll = {
  ko: 'LABCTL_PORT_OFFSET=500 labctl up (모든 포트를 옮깁니다)',
  en: 'LABCTL_PORT_OFFSET=500 labctl up (moves every port)',
};

export function portsTaken(taken: readonly [TakenPort, ...TakenPort[]]): EngineError {
  const [{ stackDir, holder }] = taken;
  const code = 'EADDRINUSE';
  if (stackDir !== undefined && taken.every((port) => port.stackDir === stackDir)) {
    const stateDir = dirname(stackDir);
    const ports = taken.map((port) => port.holder.port).join(', ');
    return new EngineError(
      'machine',
      {
        ko: `다른 랩이 이미 이 포트에서 실행 중입니다: ${stateDir}`,
        en: `another lab runs on these ports: ${stateDir}`,
      },
      {
        code,
        why: { ko: `겹치는 포트: ${ports}`, en: `both want ${ports}` },
        tryThis: [`LABCTL_STATE_DIR=${stateDir} labctl down`, moveAll],
      },
    );
  }
  const list = (by: string): string =>
    taken.map(({ name, holder }) => `${holder.port} (${name}) ${by} ${holder.name}`).join(', ');
  return new EngineError(
    'machine',
    {
      ko: `이미 사용 중인 포트가 있습니다: ${list('←')}`,
      en: `${taken.length === 1 ? 'a port is' : 'ports are'} taken: ${list('by')}`,
    },
    {
      code,
      why: { ko: '엔진은 이 포트에서만 시작합니다', en: 'the engines start on these ports only' },
      tryThis: [...(holder.pid === undefined ? [] : [`ps -fp ${holder.pid}`]), moveAll],
    },
  );
}
