import type { Text } from '../text.ts';

/**
 * Engines that `up` leaves out: their first user starts them. To add one: its entry here, its file in native/nodes, and
 * that file's line in native/nodes/on-demand-engines.ts, for which the compiler asks.
 *
 * Each node stands with its ports, of a lab without offset; the first has the node's name.
 */
export const onDemand = {
  'redis-cluster': {
    is: { ko: 'Redis Cluster, 마스터 3개와 복제본 3개', en: 'Redis Cluster, three masters and three replicas' },
    nodes: {
      'redis-cluster-1': { 'redis-cluster-1': 17001, 'redis-cluster-1-bus': 27001 },
      'redis-cluster-2': { 'redis-cluster-2': 17002, 'redis-cluster-2-bus': 27002 },
      'redis-cluster-3': { 'redis-cluster-3': 17003, 'redis-cluster-3-bus': 27003 },
      'redis-cluster-4': { 'redis-cluster-4': 17004, 'redis-cluster-4-bus': 27004 },
      'redis-cluster-5': { 'redis-cluster-5': 17005, 'redis-cluster-5-bus': 27005 },
      'redis-cluster-6': { 'redis-cluster-6': 17006, 'redis-cluster-6-bus': 27006 },
    },
  },
  prometheus: {
    is: {
      ko: 'Prometheus (API만: 이 패키지에는 웹 화면이 없음)',
      en: 'Prometheus (its API: the web page is not in the package)',
    },
    nodes: { prometheus: { prometheus: 19090 } },
  },
  'mysql-proxy': {
    is: {
      ko: 'MySQL 앞의 프록시: 지연과 단절을 넣을 수 있음',
      en: 'a proxy before MySQL, for latency and cuts',
    },
    nodes: { 'mysql-proxy': { 'mysql-proxy': 13307 } },
  },
} as const satisfies Readonly<Record<string, OnDemandEntry>>;

interface OnDemandEntry {
  readonly is: Text;
  readonly nodes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export type OnDemandEngine = keyof typeof onDemand;
type NodesAndPorts = (typeof onDemand)[OnDemandEngine]['nodes'];
/** The keys, and the values, of each member of a union. */
type KeysOf<Union> = Union extends unknown ? keyof Union : never;
type ValuesOf<Union> = Union extends unknown ? Union[keyof Union] : never;
export type OnDemandNode = KeysOf<NodesAndPorts>;
export type OnDemandPort = KeysOf<ValuesOf<NodesAndPorts>>;

export const onDemandEngines = Object.keys(onDemand) as OnDemandEngine[];

export function nodesOfEngine(engine: OnDemandEngine): readonly OnDemandNode[] {
  return Object.keys(onDemand[engine].nodes) as OnDemandNode[];
}

/** The engine that a node belongs to; undefined for a node that `up` starts. */
export function onDemandEngineOf(node: string): OnDemandEngine | undefined {
  return onDemandEngines.find((engine) => node in onDemand[engine].nodes);
}
