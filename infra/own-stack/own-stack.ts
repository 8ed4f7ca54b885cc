import { isIP } from 'node:net';
import { closest } from '../closest.ts';
import type { RoleMap } from '../contract/role-map.ts';
import { UserError } from '../errors.ts';
import { quoted } from '../probes/native-commands.ts';
import type { Endpoints, RedisEndpoint } from '../stack/stack.ts';
import type { OwnStack } from '../target.ts';
import type { Tls } from '../tls.ts';
import { type AskPassword, kafkaFrom, mysqlFrom, redisFrom, withoutPassword } from './endpoint-urls.ts';
import { type ProfileFile, profileFilePath, readProfileFile } from './profile-file.ts';
import type { ProfileSettings } from './profile-schema.ts';
import { readable, readTls } from './tls-files.ts';

/** What a command line says about where to look, as it was written. */
export interface OwnOptions {
  readonly kafka?: string;
  readonly mysql?: string;
  readonly redis?: string;
  readonly redisCluster?: string;
  readonly profile?: string;
  readonly config?: string;
}

interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly ask: AskPassword;
  readonly osUser: string;
}

/** The name of a stack that is named by addresses alone. */
const unnamed = 'own';

/**
 * The stack that is asked for: a profile of labctl.yaml, or the engines that are named, or the one changed by the others.
 * @throws UserError
 */
export async function ownStackFrom(options: OwnOptions, { env, ask, osUser }: Surroundings): Promise<OwnStack> {
  const base = options.profile === undefined ? nothing : profiled(options.profile, options, env);
  const { kafka, mysql, redis, redisCluster } = options;
  const [named, database] = mysql === undefined ? [{}, ''] : await mysqlNamed(mysql, ask, osUser);
  const endpoints: Partial<Endpoints> = {
    ...base.endpoints,
    ...(kafka === undefined ? {} : await kafkaFrom(kafka, ask)),
    ...named,
    ...(redis === undefined ? {} : await redisFrom(redis, ask, { name: '--redis', cluster: false })),
    ...(redisCluster === undefined
      ? {}
      : await redisFrom(redisCluster, ask, { name: '--redis-cluster', cluster: true })),
  };
  refuseUncheckable(endpoints.mysql);
  const roles = database === '' ? base.roles : { ...base.roles, database };
  return { ...base, commandOptions: typedAgain(options), endpoints, roles };
}

/** mysql2 would compare the certificate with `localhost`: a right one would be refused, and a wrong one taken. */
function refuseUncheckable(mysql: Endpoints['mysql'] | undefined): void {
  if (mysql?.tls?.verify !== 'identity' || isIP(mysql.host) === 0) return;
  throw new UserError(
    {
      ko: `MySQL 인증서가 IP 주소 ${mysql.host}의 것인지는 확인할 수 없습니다`,
      en: `whether MySQL's certificate is that of the IP address ${mysql.host} cannot be checked`,
    },
    {
      why: {
        ko: 'MySQL 클라이언트 라이브러리는 이름만 확인합니다',
        en: 'the MySQL client library checks names alone',
      },
      tryThis: [
        { ko: '호스트 이름을 쓰거나, 서명한 기관만 확인: tls=ca', en: 'a host name, or tls=ca: who signed it alone' },
      ],
    },
  );
}

/** As a shell takes them. A password in an address stays out: next time it comes from the environment, or is asked for. */
function typedAgain({ kafka, mysql, redis, redisCluster, profile, config }: OwnOptions): string {
  const given = { kafka, mysql, redis, 'redis-cluster': redisCluster, profile, config };
  return Object.entries(given)
    .flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(withoutPassword(value))}`]))
    .join(' ');
}

const nothing: OwnStack = {
  profile: unnamed,
  endpoints: {},
  roles: { database: '', topics: {}, groups: {} },
  checks: [],
};

async function mysqlNamed(text: string, ask: AskPassword, osUser: string) {
  const { mysql, database } = await mysqlFrom(text, ask, osUser);
  return [{ mysql }, database] as const;
}

/** @throws UserError where there is no such file, or no such profile in it. */
export function openProfiles({ config }: Pick<OwnOptions, 'config'>, env: NodeJS.ProcessEnv): ProfileFile {
  const path = profileFilePath(config, env);
  if (path !== undefined) return readProfileFile(path);
  throw new UserError(
    { ko: 'labctl.yaml이 없습니다', en: 'there is no labctl.yaml' },
    {
      why: {
        ko: '찾는 곳: --config, LABCTL_CONFIG, ./labctl.yaml, ~/.config/labctl/labctl.yaml',
        en: 'it is looked for in: --config, LABCTL_CONFIG, ./labctl.yaml, ~/.config/labctl/labctl.yaml',
      },
      tryThis: ['labctl get --kafka broker:9092', 'labctl help profile'],
    },
  );
}

function profiled(name: string, options: OwnOptions, env: NodeJS.ProcessEnv): OwnStack {
  const file = openProfiles(options, env);
  const settings = file.profiles[name];
  if (settings !== undefined) return stackOf(name, settings, env);
  const known = Object.keys(file.profiles);
  const meant = closest(name, known);
  throw new UserError(
    { ko: `"${name}" 프로필은 ${file.path}에 없습니다`, en: `there is no profile "${name}" in ${file.path}` },
    {
      why: { ko: `있는 것: ${known.join(', ')}`, en: `there are: ${known.join(', ')}` },
      tryThis: [meant === undefined ? 'labctl profile list' : `--profile ${meant}`],
    },
  );
}

/** Resolves passwords and certificates. @throws UserError naming the variable or file that is missing. */
export function stackOf(name: string, settings: ProfileSettings, env: NodeJS.ProcessEnv): OwnStack {
  const { kafka, mysql, redis, registry } = settings;
  const secret = (engine: string, given: Secret): string | undefined => secretOf(`${name}.${engine}`, given, env);
  return {
    profile: name,
    endpoints: {
      ...(kafka === undefined ? {} : kafkaOf(kafka, secret)),
      ...(mysql === undefined ? {} : { mysql: mysqlOf(mysql, secret) }),
      ...(redis === undefined ? {} : redisOf(redis, secret)),
      ...(registry === undefined ? {} : { registry: registry.replace(/\/$/, '') }),
    },
    // The schema checked the names; that an absent one is no key at all is what JSON makes of it.
    roles: {
      ...(JSON.parse(JSON.stringify(settings.roles)) as Omit<RoleMap, 'database'>),
      database: mysql?.database ?? '',
    },
    checks: settings.checks,
  };
}

type Secret = { readonly password?: string | undefined; readonly passwordFile?: string | undefined };
type SecretOf = (engine: string, given: Secret) => string | undefined;

function kafkaOf({ brokers, tls, sasl }: NonNullable<ProfileSettings['kafka']>, secret: SecretOf): Partial<Endpoints> {
  const security = {
    ...tlsPart(tls),
    ...(sasl === undefined
      ? {}
      : { sasl: { mechanism: sasl.mechanism, user: sasl.user, password: secret('kafka.sasl', sasl) ?? '' } }),
  };
  return { kafka: brokers, ...(Object.keys(security).length === 0 ? {} : { kafkaSecurity: security }) };
}

function mysqlOf(given: NonNullable<ProfileSettings['mysql']>, secret: SecretOf): Endpoints['mysql'] {
  const { host, port, user, tls } = given;
  return { host, port, user, password: secret('mysql', given) ?? '', ...tlsPart(tls) };
}

function redisOf(given: NonNullable<ProfileSettings['redis']>, secret: SecretOf): Partial<Endpoints> {
  const { host, port, cluster, user, tls } = given;
  const password = secret('redis', given);
  const access = {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...tlsPart(tls),
  };
  const nodes = cluster?.map((address): RedisEndpoint => {
    const colon = address.lastIndexOf(':');
    return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)), ...access };
  });
  return {
    ...(host === undefined ? {} : { redis: { host, port, ...access } }),
    ...(nodes === undefined ? {} : { redisCluster: nodes }),
  };
}

function tlsPart(tls: NonNullable<ProfileSettings['mysql']>['tls']): { readonly tls?: Tls } {
  return tls === undefined ? {} : { tls: readTls(tls === true ? {} : tls) };
}

function secretOf(where: string, { password, passwordFile }: Secret, env: NodeJS.ProcessEnv): string | undefined {
  if (passwordFile !== undefined) return readable(passwordFile).replace(/\r?\n$/, '');
  if (password === undefined) return undefined;
  const variable = password.slice(2, -1);
  const value = env[variable];
  if (value !== undefined) return value;
  throw new UserError(
    { ko: `환경 변수 ${variable}이(가) 없습니다`, en: `the environment has no ${variable}` },
    {
      why: { ko: `profiles.${where}의 비밀번호입니다`, en: `it is the password of profiles.${where}` },
      tryThis: [`read -rs ${variable} && export ${variable}`],
    },
  );
}
