import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../../errors.ts';
import { onDemandEngineOf } from '../on-demand.ts';
import type { CoreNode, NodeName } from '../stack.ts';
import { onDemandNatives } from './nodes/on-demand-engines.ts';

/** Disk and memory that an `up` needs; measured, with some air. */

/** What a node's process holds after some load. */
const memoryMb: Readonly<Record<CoreNode, number>> = {
  mysql: 500,
  redis: 30,
  'kafka-controller': 180,
  'kafka-1': 260,
  'kafka-2': 260,
  'kafka-3': 260,
  'schema-registry': 230,
};
/** First data and the logs of a busy first day. */
const stateMb = 1_500;
/** Engines unpacked, and the downloads beside them until the end. `one` is the largest that comes by itself. */
const cacheMb = { all: 1_300, one: 500, nothing: 0 };

export interface DiskRoom {
  readonly folder: string;
  readonly freeBytes: number;
  readonly neededBytes: number;
}

export function memoryNeeded(nodes: readonly NodeName[]): number {
  return nodes.reduce((sum, node) => sum + memoryMbOf(node) * 1e6, 0);
}

function memoryMbOf(node: NodeName): number {
  const engine = onDemandEngineOf(node);
  return engine === undefined ? memoryMb[node as CoreNode] : onDemandNatives[engine].memoryMb;
}

/** @returns undefined where there is no /proc/meminfo. */
export function memoryAvailable(): number | undefined {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

export async function diskRoom(
  { stateDir, cacheDir }: { readonly stateDir: string; readonly cacheDir: string },
  { fetching, firstData }: { readonly fetching: keyof typeof cacheMb; readonly firstData: boolean },
): Promise<readonly DiskRoom[]> {
  const needs = [
    { folder: stateDir, neededBytes: (firstData ? stateMb : stateMb / 5) * 1e6 },
    { folder: cacheDir, neededBytes: cacheMb[fetching] * 1e6 },
  ];
  return Promise.all(needs.map(async (need) => ({ ...need, freeBytes: await freeBytes(need.folder) })));
}

/** Of the file system that holds the folder, or will hold it. */
async function freeBytes(folder: string): Promise<number> {
  for (let existing = folder; ; existing = dirname(existing)) {
    try {
      const { bavail, bsize } = await statfs(existing);
      return bavail * bsize;
    } catch (error) {
      if (existing === dirname(existing)) throw error;
    }
  }
}

/** @throws EngineError naming the folder that is too full. */
export function requireDisk(rooms: readonly DiskRoom[]): void {
  const tight = rooms.find(({ freeBytes, neededBytes }) => freeBytes < neededBytes);
  if (tight === undefined) return;
  const free = megabytes(tight.freeBytes);
  const needed = megabytes(tight.neededBytes);
  throw new EngineError(
    'machine',
    { ko: `디스크 공간이 부족합니다: ${tight.folder}`, en: `too little disk space for ${tight.folder}` },
    {
      why: { ko: `${free} 남았고 ${needed} 필요합니다`, en: `${free} are free, ${needed} are needed` },
      tryThis: [
        'labctl down -v',
        {
          ko: 'LABCTL_STATE_DIR, LABCTL_CACHE_DIR로 더 넓은 곳을 지정하십시오',
          en: 'name a roomier place with LABCTL_STATE_DIR and LABCTL_CACHE_DIR',
        },
      ],
    },
  );
}

/** @throws EngineError when the nodes to be started would not fit into the available memory. */
export function requireMemory(nodes: readonly NodeName[]): void {
  const available = memoryAvailable();
  const needed = memoryNeeded(nodes);
  if (available === undefined || available >= needed) return;
  throw new EngineError(
    'machine',
    { ko: '메모리가 부족합니다', en: 'too little memory' },
    {
      why: {
        ko: `${megabytes(available)}를 쓸 수 있는데 엔진 ${nodes.length}개에 ${megabytes(needed)} 필요합니다`,
        en: `${megabytes(available)} are available, the ${nodes.length} engines need ${megabytes(needed)}`,
      },
      tryThis: [{ ko: '다른 프로그램을 끝내고 다시 실행하십시오', en: 'end other programs and try again' }],
    },
  );
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1e6)} MB`;
}
