import { UserError } from '../errors.ts';
import type { Text } from '../text.ts';
import { type OnDemandPort, onDemand } from './on-demand.ts';
import type { CoreNode, NodeName } from './stack.ts';

/**
 * Every port of the lab, on 127.0.0.1 and below 32768: above lies the range from which the kernel takes the source
 * ports of outgoing connections, and a broker there fails to bind now and then.
 */
const corePorts = {
  'kafka-1': { 'kafka-1': 19092 },
  'kafka-2': { 'kafka-2': 19094 },
  'kafka-3': { 'kafka-3': 19096 },
  'kafka-controller': { 'kafka-controller': 19098 },
  'schema-registry': { 'schema-registry': 18091, 'schema-registry-management': 18092 },
  mysql: { mysql: 13306 },
  redis: { redis: 16379 },
} as const satisfies Readonly<Record<CoreNode, Readonly<Record<string, number>>>>;

/** Web pages, which containers alone serve. */
const pagePorts = { grafana: 13000, 'kafka-ui': 18090 } as const;

type CorePorts = typeof corePorts;
export type PortName = { [Node in CoreNode]: keyof CorePorts[Node] }[CoreNode] | OnDemandPort | keyof typeof pagePorts;
export type Ports = Readonly<Record<PortName, number>>;

const portsByNode: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ...Object.entries(corePorts),
  ...Object.values(onDemand).flatMap(({ nodes }) => Object.entries(nodes)),
];
const basePorts = [...portsByNode.flatMap(([, ports]) => Object.entries(ports)), ...Object.entries(pagePorts)];

/** The first is where the node is reached. */
export const portsOfNode = Object.fromEntries(
  portsByNode.map(([node, ports]) => [node, Object.keys(ports)]),
) as unknown as Readonly<Record<NodeName, readonly PortName[]>>;

/** The first port of the ephemeral range (Linux's default net.ipv4.ip_local_port_range). */
const ephemeralStart = 32768;

/** @throws UserError when the offset leaves the safe range or makes two services meet on one port. */
export function portsFor(offset: number): Ports {
  const entries = basePorts.map(([name, port]) => [name, port + offset] as const);
  const base = new Set(basePorts.map(([, port]) => port));
  for (const [name, port] of entries) {
    const clash = offset !== 0 && base.has(port);
    if (port < ephemeralStart && !clash) continue;
    throw unusable(offset, clash ? belongsToAnother(name, port) : mayBeHeld(name, port));
  }
  return Object.fromEntries(entries) as Ports;
}

function unusable(offset: number, why: Text): UserError {
  return new UserError(
    {
      ko: `LABCTL_PORT_OFFSET=${offset}은(는) 쓸 수 없습니다`,
      en: `LABCTL_PORT_OFFSET=${offset} cannot be used`,
    },
    {
      why,
      tryThis: [{ ko: '다른 값을 고르기, 예를 들어 300', en: 'choose another offset, for example 300' }],
    },
  );
}

const belongsToAnother = (name: string, port: number): Text => ({
  ko: `${name}이(가) 쓰게 될 ${port}번 포트는 오프셋 없는 랩의 것입니다`,
  en: `${name} would take port ${port}, which belongs to a lab without offset`,
});

const mayBeHeld = (name: string, port: number): Text => ({
  ko: `${name}이(가) ${port}번 포트를 쓰게 되는데, ${ephemeralStart}번부터는 나가는 연결이 차지할 수 있습니다`,
  en: `${name} would take port ${port}; from ${ephemeralStart} on, outgoing connections may hold it`,
});
