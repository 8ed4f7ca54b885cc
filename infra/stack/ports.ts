import { UserError } from '../errors.ts';

/**
 * Every port of the lab, on 127.0.0.1 and below 32768: above lies the range from which the kernel takes the source
 * ports of outgoing connections, and a broker there fails to bind now and then.
 */
const basePorts = {
  'kafka-1': 19092,
  'kafka-2': 19094,
  'kafka-3': 19096,
  'kafka-controller': 19098,
  'schema-registry': 18091,
  'schema-registry-management': 18092,
  mysql: 13306,
  redis: 16379,
  'redis-cluster-1': 17001,
  'redis-cluster-2': 17002,
  'redis-cluster-3': 17003,
  'redis-cluster-4': 17004,
  'redis-cluster-5': 17005,
  'redis-cluster-6': 17006,
  prometheus: 19090,
  grafana: 13000,
  'kafka-ui': 18090,
} as const;

export type PortName = keyof typeof basePorts;
export type Ports = Readonly<Record<PortName, number>>;

/** The first port of the ephemeral range (Linux's default net.ipv4.ip_local_port_range). */
const ephemeralStart = 32768;

/** @throws UserError when the offset leaves the safe range or makes two services meet on one port. */
export function portsFor(offset: number): Ports {
  const entries = Object.entries(basePorts).map(([name, port]) => [name, port + offset] as const);
  const base = new Set<number>(Object.values(basePorts));
  for (const [name, port] of entries) {
    const clash = offset !== 0 && base.has(port);
    if (port < ephemeralStart && !clash) continue;
    throw new UserError(`LABCTL_PORT_OFFSET=${offset} cannot be used`, {
      why: clash
        ? `${name} would take port ${port}, which belongs to a lab without offset`
        : `${name} would take port ${port}; from ${ephemeralStart} on, outgoing connections may hold it`,
      tryThis: ['choose another offset, for example 300'],
    });
  }
  return Object.fromEntries(entries) as Ports;
}
