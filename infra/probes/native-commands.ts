import type { Target } from '../target.ts';

/** An argument as a POSIX shell takes it literally. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** The password is shown for the lab only, whose password everybody knows; elsewhere the client asks for it. */
export function mysqlCommand({ endpoints, profile, roles }: Target, sql: string): string {
  const { host, port, user, password } = endpoints.mysql ?? {
    host: '<host>',
    port: 3306,
    user: '<user>',
    password: '',
  };
  const secret = profile === 'lab' ? `-p${quoted(password)}` : '-p';
  return `mysql -h ${quoted(host)} -P ${port} -u ${quoted(user)} ${secret} ${roles.database === '' ? '' : `${quoted(roles.database)} `}-e ${quoted(sql)}`;
}

/** @param address of another node than the one that is named, `host:port`. */
export function redisCommand({ endpoints }: Target, command: string, address?: string): string {
  const named = endpoints.redis ?? { host: '<host>', port: 6379 };
  const colon = address?.lastIndexOf(':') ?? -1;
  const [host, port] =
    address === undefined ? [named.host, named.port] : [address.slice(0, colon), address.slice(colon + 1)];
  return `redis-cli -h ${quoted(host)} -p ${port} ${command}`;
}

/** One of Kafka's own tools, such as `kafka-consumer-groups`. */
export function kafkaCommand({ endpoints }: Target, tool: string, options: string): string {
  return `${tool} --bootstrap-server ${quoted((endpoints.kafka ?? ['<host>:9092']).join(','))} ${options}`;
}
