import { EngineError } from '../../errors.ts';
import { isAlive, type ProcessIdentity, signalProcess } from '../../process.ts';
import type { PortName, Ports } from '../ports.ts';
import { type NodeName, nodeNames } from '../stack.ts';
import type { Layout } from './layout.ts';
import { findMarked } from './node-mark.ts';
import { readRecord, writeRecord } from './node-record.ts';
import { findHolders } from './port-holder.ts';

export type LivingNodes = ReadonlyMap<NodeName, ProcessIdentity>;

/**
 * Nodes whose process lives. One that runs without a record (its starter was killed before writing it) gets one; a tool
 * whose starter was killed is ended, as a mysqld that initializes a folder that is gone never ends by itself.
 * The caller holds the stack's lock.
 */
export async function surveyNodes(layout: Layout): Promise<LivingNodes> {
  const living = new Map<NodeName, ProcessIdentity>();
  for (const node of nodeNames) {
    const record = readRecord(layout, node);
    if (record !== undefined && (await isAlive(record.process))) living.set(node, record.process);
  }
  if (living.size === nodeNames.length) return living;
  const { nodes, tools } = await findMarked(layout.stackDir);
  for (const tool of tools) await signalProcess(tool, 'SIGKILL');
  for (const [node, process] of nodes) {
    if (living.has(node)) continue;
    living.set(node, process);
    writeRecord(layout, node, { process, version: 'unknown' });
  }
  return living;
}

export const portsOfNode: Readonly<Record<NodeName, readonly PortName[]>> = {
  mysql: ['mysql'],
  redis: ['redis'],
  'kafka-controller': ['kafka-controller'],
  'kafka-1': ['kafka-1'],
  'kafka-2': ['kafka-2'],
  'kafka-3': ['kafka-3'],
  'schema-registry': ['schema-registry', 'schema-registry-management'],
};

/** @throws EngineError naming every port that is taken and its holder. */
export async function requireFreePorts(nodes: readonly NodeName[], ports: Ports): Promise<void> {
  const names = nodes.flatMap((node) => portsOfNode[node]);
  const holders = await findHolders(names.map((name) => ports[name]));
  const taken = names.flatMap((name) => {
    const holder = holders.get(ports[name]);
    return holder === undefined ? [] : [{ name, holder }];
  });
  if (taken.length === 0) return;
  const list = (held: string): string =>
    taken.map(({ name, holder }) => `${holder.port} (${name}) ${held} ${holder.name}`).join(', ');
  const pid = taken.find(({ holder }) => holder.pid !== undefined)?.holder.pid;
  throw new EngineError(
    'machine',
    {
      ko: `이미 사용 중인 포트가 있습니다: ${list('←')}`,
      en: `${taken.length === 1 ? 'a port is' : 'ports are'} taken: ${list('by')}`,
    },
    {
      code: 'EADDRINUSE',
      why: { ko: '엔진은 이 포트에서만 시작합니다', en: 'the engines start on these ports only' },
      tryThis: [
        ...(pid === undefined ? [] : [`ps -fp ${pid}`]),
        {
          ko: 'LABCTL_PORT_OFFSET=1000 labctl up (모든 포트를 옮깁니다)',
          en: 'LABCTL_PORT_OFFSET=1000 labctl up (moves every port)',
        },
      ],
    },
  );
}
