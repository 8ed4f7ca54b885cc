import { type PortName, portsFor } from '../ports.ts';

/** The part of the Compose specification that docker-compose.yml uses. */
export interface Service {
  readonly image: string;
  readonly user?: string;
  readonly init?: true;
  readonly profiles?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>;
  /** One-shot services have none. */
  readonly healthcheck?: HealthCheck;
  readonly restart: 'no';
  readonly stop_grace_period?: string;
  readonly mem_limit: string;
  readonly logging: typeof boundedLog;
}

export type Condition = 'service_healthy' | 'service_completed_successfully';

export interface HealthCheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
}

/** A service and what a reader of the file is told about it, and about its properties. */
export interface Described {
  readonly about: string;
  readonly notes?: Partial<Record<keyof Service, string>>;
  readonly service: Service;
}
export type Services = Readonly<Record<string, Described>>;

const boundedLog = { driver: 'json-file', options: { 'max-size': '8m', 'max-file': '2' } } as const;

/**
 * What every service has. `restart: "no"`: who kills a node on purpose must find it dead.
 * @param memory limit; a JVM's heap and what lies around it, with room for peaks.
 */
export function basics(memory: string): Pick<Service, 'restart' | 'mem_limit' | 'logging'> {
  return { restart: 'no', mem_limit: memory, logging: boundedLog };
}

export function healthCheck(...command: readonly string[]): HealthCheck {
  return { test: ['CMD', ...command], interval: '3s', timeout: '5s', retries: 20, start_period: '60s' };
}

export function after(condition: Condition, ...services: readonly string[]): NonNullable<Service['depends_on']> {
  return Object.fromEntries(services.map((service) => [service, { condition }]));
}

/** The scripts of infra/stack/compose/scripts, in any container. */
export const scripts = './infra/stack/compose/scripts:/labctl:ro';

/** The cluster's bus stays inside its container, and the proxy before MySQL is native's. */
export function isPublished(name: PortName): boolean {
  return !name.endsWith('-bus') && name !== 'mysql-proxy';
}

/** The variable by which a host port is moved: Compose cannot add, so `labctl` sets each of them. */
export function portVariable(name: PortName): string {
  return `LABCTL_PORT_${name.toUpperCase().replaceAll('-', '_')}`;
}

const defaults = portsFor(0);

/** As it stands in the file: the variable, or the port of a lab without offset. */
export function hostPort(name: PortName): string {
  return `\${${portVariable(name)}:-${defaults[name]}}`;
}

/** Never on another interface than the loopback one: root/root and no passwords at all. */
export function published(name: PortName, containerPort: number | string): string {
  return `127.0.0.1:${hostPort(name)}:${containerPort}`;
}
