import { closest } from '../closest.ts';
import { UserError } from '../errors.ts';
import type { Endpoints, KafkaSecurity, MysqlEndpoint, RedisEndpoint } from '../stack/stack.ts';
import type { Text } from '../text.ts';
import { type Tls, tlsVerifies } from '../tls.ts';
import { readTls } from './tls-files.ts';

/** What was written for one engine, taken apart. The password is never printed again, whoever wrote it. */
interface Written {
  readonly scheme: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly database: string;
  readonly options: ReadonlyMap<string, string>;
}

interface Form {
  /** `--kafka`, or where else it stands. */
  readonly name: string;
  readonly schemes: readonly string[];
  readonly port: number;
  readonly options: readonly string[];
  readonly example: string;
}

/** Gives the password that belongs to a user: from the environment, or by asking. Undefined: none. */
export type AskPassword = (variable: string, who: string) => Promise<string | undefined>;

const tlsNames = ['tls', 'ca', 'cert', 'key'] as const;
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** `host:9092,…` or `kafka://user@host:9092,…?mechanism=scram-sha-512&tls=identity&ca=<file>`. @throws UserError */
export async function kafkaFrom(
  text: string,
  ask: AskPassword,
): Promise<Pick<Endpoints, 'kafka'> & { readonly kafkaSecurity?: KafkaSecurity }> {
  const form = {
    name: '--kafka',
    schemes: ['kafka', 'kafkas'],
    port: 9092,
    options: ['mechanism', ...tlsNames],
    example: 'broker-1:9092,broker-2:9092',
  };
  const written = takenApart(text, form);
  const tls = tlsOf(written, form, written.scheme === 'kafkas');
  const mechanism = choice(written, form, 'mechanism', mechanisms) ?? 'plain';
  const { user } = written;
  const password = user === undefined ? undefined : await passwordOf(written, 'LABCTL_KAFKA_SASL_PASSWORD', ask);
  const security: KafkaSecurity = {
    ...(tls === undefined ? {} : { tls }),
    ...(user === undefined ? {} : { sasl: { mechanism, user, password: password ?? '' } }),
  };
  const kafka = written.hosts.map(({ host, port }) => `${host}:${port}`);
  return Object.keys(security).length === 0 ? { kafka } : { kafka, kafkaSecurity: security };
}

/** `host:3306` or `mysql://user@host:3306/database?tls=identity&ca=<file>`. @param osUser who it is where nobody is named, as for `mysql`. @throws UserError */
export async function mysqlFrom(
  text: string,
  ask: AskPassword,
  osUser: string,
): Promise<{ readonly mysql: MysqlEndpoint; readonly database: string }> {
  const form = {
    name: '--mysql',
    schemes: ['mysql'],
    port: 3306,
    options: tlsNames,
    example: 'mysql://reader@db:3306/shop',
  };
  const written = takenApart(text, form);
  const [only, ...others] = written.hosts;
  if (only === undefined || others.length > 0) throw unusable(text, form, oneHost);
  const tls = tlsOf(written, form, false);
  const password = await passwordOf(written, 'LABCTL_MYSQL_PASSWORD', ask);
  const mysql = {
    ...only,
    user: written.user ?? osUser,
    password: password ?? '',
    ...(tls === undefined ? {} : { tls }),
  };
  return { mysql, database: written.database };
}

/** `host:6379` or `rediss://user@host:6379`; several are the nodes of a cluster. @throws UserError */
export async function redisFrom(
  text: string,
  ask: AskPassword,
  { name, cluster }: { readonly name: string; readonly cluster: boolean },
): Promise<Pick<Partial<Endpoints>, 'redis' | 'redisCluster'>> {
  const form = {
    name,
    schemes: ['redis', 'rediss'],
    port: 6379,
    options: tlsNames,
    example: 'rediss://reader@cache:6379',
  };
  const written = takenApart(text, form);
  const tls = tlsOf(written, form, written.scheme === 'rediss');
  const password = await passwordOf(written, 'LABCTL_REDIS_PASSWORD', ask);
  const nodes = written.hosts.map(
    (address): RedisEndpoint => ({
      ...address,
      ...(written.user === undefined ? {} : { user: written.user }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
    }),
  );
  const [only] = nodes;
  return cluster || nodes.length > 1 || only === undefined ? { redisCluster: nodes } : { redis: only };
}

async function passwordOf(written: Written, variable: string, ask: AskPassword): Promise<string | undefined> {
  return written.password ?? (await ask(variable, `${written.user ?? ''}@${written.hosts[0]?.host}`));
}

const addressForm = /^(?:([a-z]+):\/\/)?(?:(.*)@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/s;

/** The address as it may be shown and typed again. */
export function withoutPassword(text: string): string {
  const login = addressForm.exec(text.trim())?.[2];
  if (login?.includes(':') !== true) return text.trim();
  const [user] = login.split(':', 1);
  return text.trim().replace(`${login}@`, () => (user === '' ? '' : `${user}@`));
}

function takenApart(text: string, form: Form): Written {
  const parts = addressForm.exec(text.trim());
  if (parts === null) throw unusable(text, form, noAddress);
  const [, scheme, login, addresses = '', database = '', query = ''] = parts;
  if (scheme !== undefined && !form.schemes.includes(scheme)) throw unusable(text, form, otherScheme(form));
  const colon = login?.indexOf(':') ?? -1;
  const options = new Map(new URLSearchParams(query));
  for (const option of options.keys()) {
    if (!form.options.includes(option)) throw unusable(text, form, noOption(option, form));
  }
  return {
    scheme,
    user: login === undefined ? undefined : decoded(colon < 0 ? login : login.slice(0, colon)) || undefined,
    password: login === undefined || colon < 0 ? undefined : decoded(login.slice(colon + 1)),
    hosts: addresses.split(',').map((address) => addressIn(address, text, form)),
    database: decoded(database),
    options,
  };
}

function addressIn(address: string, text: string, form: Form): { readonly host: string; readonly port: number } {
  const [, six, name, port] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(address.trim()) ?? [];
  const host = six ?? name;
  const number = port === undefined ? form.port : Number(port);
  if (host === undefined || number < 1 || number > 65_535) throw unusable(text, form, noAddress);
  return { host, port: number };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % is meant as it stands
  }
}

function tlsOf(written: Written, form: Form, bySchema: boolean): Tls | undefined {
  const verify = choice(written, form, 'tls', tlsVerifies);
  const { options } = written;
  const asked = bySchema || tlsNames.some((name) => options.has(name));
  const [ca, cert, key] = [options.get('ca'), options.get('cert'), options.get('key')];
  return asked ? readTls({ verify, ca, cert, key }) : undefined;
}

function choice<C extends string>(
  { options }: Written,
  form: Form,
  name: string,
  choices: readonly C[],
): C | undefined {
  const word = options.get(name);
  if (word === undefined) return undefined;
  const chosen = choices.find((one) => one === word);
  if (chosen !== undefined) return chosen;
  throw new UserError(
    {
      ko: `${form.name}의 ${name}에 "${word}"은(는) 쓸 수 없습니다`,
      en: `${name} of ${form.name} cannot be "${word}"`,
    },
    { why: { ko: `쓸 수 있는 값: ${choices.join(', ')}`, en: `it takes one of: ${choices.join(', ')}` } },
  );
}

const noAddress: Text = { ko: 'host:port 형식이어야 합니다', en: 'an address is host:port' };
const oneHost: Text = { ko: 'MySQL은 하나만 지정합니다', en: 'it takes one MySQL' };
const otherScheme = ({ schemes }: Form): Text => ({
  ko: `쓸 수 있는 형식: ${schemes.map((scheme) => `${scheme}://`).join(', ')}`,
  en: `it takes ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
});
const noOption = (option: string, { options }: Form): Text => {
  const meant = closest(option, options);
  const known = options.join(', ');
  return {
    ko: `"${option}" 설정은 없습니다. 있는 것: ${known}${meant === undefined ? '' : ` (혹시 ${meant}?)`}`,
    en: `there is no "${option}"; there are: ${known}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
  };
};

function unusable(text: string, { name, example }: Form, why: Text): UserError {
  const shown = text.replace(/(\/\/[^:@/]*):.*@/s, '$1:***@').replace(/^([^:@/]*):[^@]*@/s, '$1:***@');
  return new UserError(
    { ko: `${name}에 "${shown}"은(는) 쓸 수 없습니다`, en: `${name} cannot be "${shown}"` },
    { why, tryThis: [`${name} ${example}`] },
  );
}
