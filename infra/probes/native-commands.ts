import type { RedisEndpoint } from '../stack/stack.ts';
import type { Target } from '../target.ts';
import type { Tls } from '../tls.ts';
import type { Probe } from './probe.ts';

/** An argument as a POSIX shell takes it literally. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

const sslModes = { none: 'REQUIRED', ca: 'VERIFY_CA', identity: 'VERIFY_IDENTITY' } as const;

/** The password is shown for the lab only, whose password everybody knows; elsewhere the client asks for it. */
export function mysqlCommand({ endpoints, profile, roles }: Target, sql: string): string {
  const { host, port, user, password, tls } = endpoints.mysql ?? {
    host: '<host>',
    port: 3306,
    user: '<user>',
    password: '',
    tls: undefined,
  };
  const secret = profile === 'lab' ? `-p${quoted(password)}` : '-p';
  const encrypted =
    tls === undefined
      ? ''
      : `--ssl-mode=${sslModes[tls.verify]} ${fileOptions(tls, ['--ssl-ca=', '--ssl-cert=', '--ssl-key='])}`;
  const database = roles.database === '' ? '' : `${quoted(roles.database)} `;
  return `mysql -h ${quoted(host)} -P ${port} -u ${quoted(user)} ${secret} ${encrypted}${database}-e ${quoted(sql)}`;
}

/**
 * Where there is a password, the client asks for it.
 * @param address of another node than the one that is named, `host:port`.
 */
export function redisCommand({ endpoints }: Target, command: string, address?: string): string {
  const named: RedisEndpoint = endpoints.redis ?? endpoints.redisCluster?.[0] ?? { host: '<host>', port: 6379 };
  const { user, password, tls } = named;
  const colon = address?.lastIndexOf(':') ?? -1;
  const [host, port] =
    address === undefined ? [named.host, named.port] : [address.slice(0, colon), address.slice(colon + 1)];
  const encrypted =
    tls === undefined
      ? ''
      : `--tls ${tls.verify === 'none' ? '--insecure ' : ''}${fileOptions(tls, ['--cacert ', '--cert ', '--key '])}`;
  const as = `${user === undefined ? '' : `--user ${quoted(user)} `}${password === undefined ? '' : '--askpass '}`;
  return `redis-cli -h ${quoted(host)} -p ${port} ${encrypted}${as}${command}`;
}

/** Where Redis is, as far as names tell: `host:port` of the server, else of the first node of the cluster; or none. */
export function namedRedis({ endpoints: { redis, redisCluster } }: Pick<Target, 'endpoints'>): readonly string[] {
  const named: RedisEndpoint | undefined = redis ?? redisCluster?.[0];
  return named === undefined ? [] : [`${named.host}:${named.port}`];
}

/** One of Kafka's own tools, such as `kafka-consumer-groups`. A login or TLS is in a file that they are given. */
export function kafkaCommand({ endpoints }: Target, tool: string, options: string): string {
  const { sasl, tls } = endpoints.kafkaSecurity ?? {};
  const settings = sasl === undefined && tls === undefined ? '' : '--command-config <client.properties> ';
  return `${tool} --bootstrap-server ${quoted((endpoints.kafka ?? ['<host>:9092']).join(','))} ${settings}${options}`;
}

/** @param options for the authority, the certificate, its key. */
function fileOptions({ caFile, certFile, keyFile }: Tls, options: readonly [string, string, string]): string {
  const files = [caFile, certFile, keyFile];
  return files.map((file, index) => (file === undefined ? '' : `${options[index]}${quoted(file)} `)).join('');
}

/** Whether the target has what a probe measures, as far as its names say. */
export function isMapped(probe: Pick<Probe<unknown>, 'isMapped' | 'verifyWith'>, target: Target): boolean {
  if (probe.isMapped !== undefined) return probe.isMapped(target);
  const commands = probe.verifyWith(target);
  return commands.length > 0 && !commands.every(({ command }) => command.includes('<host>'));
}
