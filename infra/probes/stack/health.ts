import { z } from 'zod';
import { type Clock, systemClock, within } from '../../clock.ts';
import { EngineError, messageOf, TimeoutError } from '../../errors.ts';
import { closedWithoutLogin } from '../../kafka/wire/link.ts';
import type { OnDemandEngine } from '../../stack/on-demand.ts';
import type { NodeName, NodeStatus } from '../../stack/stack.ts';
import type { Target } from '../../target.ts';
import { printable } from '../../text.ts';
import { isTlsDisagreement } from '../../tls-failure.ts';
import { kafkaCommand, mysqlCommand, redisCommand } from '../native-commands.ts';
import type { Finding, NativeCommand, Probe } from '../probe.ts';
import { UnknownValue } from '../reading.ts';
import { onDemandQuestions } from './on-demand-health.ts';

export interface StackHealth {
  /** MySQL, Redis, the controllers, the brokers, the registry; then what was started on demand. */
  readonly engines: readonly EngineHealth[];
}

export interface EngineHealth {
  /** The node's name where labctl runs it (`kafka-2`), else the engine and its address. */
  readonly name: string;
  readonly engine: 'kafka' | 'mysql' | 'redis' | 'registry' | OnDemandEngine;
  /** `host:port`. */
  readonly endpoint: string;
  /** What came of one round trip of the engine's own protocol to that very node. */
  readonly answer: EngineAnswer;
  /** Where labctl runs the engine itself: what the process table says. */
  readonly process: Pick<NodeStatus, 'state' | 'usage' | 'version'> | undefined;
}

export type EngineAnswer =
  | { readonly serves: true; readonly latencyMs: number; readonly detail: string }
  | { readonly serves: false; readonly reason: string }
  /**
   * It cannot be asked: who could be asked for it did not answer (a controller behind dead brokers), we and it do not
   * agree on TLS, or it hangs up on us as on anybody who has not logged in.
   */
  | { readonly serves: 'unknown'; readonly reason: string };

const answerTimeoutMs = 1_200;

export const stackHealth: Probe<StackHealth> = {
  id: 'stack.health',
  title: { ko: '엔진 상태', en: 'Engines' },
  cost: 'tick',
  timeoutMs: 4_000,
  async read(target, { signal }) {
    const nodes = await nodesOf(target);
    const { mysql, redis, kafka, registry } = target.endpoints;
    const engines = await Promise.all([
      ...(mysql === undefined ? [] : [mysqlHealth(target, mysql)]),
      ...(redis === undefined ? [] : [redisHealth(target, redis)]),
      ...(kafka === undefined ? [] : [controllerHealth(target)]),
      ...target.kafka.addresses().map((address) => brokerHealth(target, address)),
      ...(registry === undefined ? [] : [registryHealth(registry, signal)]),
      ...onDemandQuestions(target, nodes, signal).map(
        async ({ engine, endpoint, ask }): Promise<Unnamed> => ({ engine, endpoint, answer: await roundTrip(ask) }),
      ),
    ]);
    return { engines: engines.map((engine) => named(engine, nodes)).map(notBlamed) };
  },
  judge({ engines }) {
    return engines.flatMap((engine) => downFinding(engine));
  },
  numbers({ engines }) {
    return { serving: engines.filter(({ answer }) => answer.serves === true).length };
  },
  rows({ engines }) {
    return [
      ['ENGINE', 'ENDPOINT', 'SERVES', 'LATENCY MS', 'PROCESS', 'DETAIL'],
      ...engines.map(({ name, endpoint, answer, process }) => [
        name,
        endpoint,
        answer.serves === 'unknown' ? 'unknown' : answer.serves ? 'yes' : 'no',
        answer.serves === true ? answer.latencyMs.toFixed(1) : '-',
        process?.state ?? '-',
        answer.serves === true ? answer.detail : answer.reason,
      ]),
    ];
  },
  verifyWith(target) {
    const { kafka, mysql, redis, registry } = target.endpoints;
    return [
      ...(kafka === undefined ? [] : kafkaCommands(target)),
      ...(mysql === undefined
        ? []
        : [{ command: mysqlCommand(target, 'SELECT VERSION()'), shows: { ko: 'MySQL 버전', en: "MySQL's version" } }]),
      ...(redis === undefined ? [] : [{ command: redisCommand(target, 'PING'), shows: { ko: 'PONG', en: 'PONG' } }]),
      ...(registry === undefined
        ? []
        : [
            {
              command: `curl -sS ${registry}/config`,
              shows: { ko: '전역 호환성 수준', en: 'the global compatibility level' },
            },
          ]),
    ];
  },
};

const kafkaCommands = (target: Target): readonly NativeCommand[] => [
  {
    command: kafkaCommand(target, 'kafka-broker-api-versions', ''),
    shows: { ko: '응답하는 브로커마다 (id: …) 한 줄', en: 'one line (id: …) for each broker that answers' },
  },
  {
    command: kafkaCommand(target, 'kafka-metadata-quorum', 'describe --status'),
    shows: { ko: 'LeaderId: 활성 컨트롤러', en: 'LeaderId: the active controller' },
  },
];

type Unnamed = Omit<EngineHealth, 'name' | 'process'> & { readonly node?: NodeName };

type Address = { readonly host: string; readonly port: number };

async function mysqlHealth({ mysql }: Target, { host, port }: Address): Promise<Unnamed> {
  const version = z.object({ version: z.string() });
  const answer = await roundTrip(
    async () => (await mysql.query('SELECT VERSION() AS version', [], version))[0]?.version,
  );
  return { engine: 'mysql', endpoint: `${host}:${port}`, answer };
}

async function redisHealth({ redis }: Target, { host, port }: Address): Promise<Unnamed> {
  const answer = await roundTrip(() => redis.command('PING', [], z.string()));
  return { engine: 'redis', endpoint: `${host}:${port}`, answer };
}

async function brokerHealth({ kafka }: Target, address: string): Promise<Unnamed> {
  const answer = await roundTrip(async () => `sees ${(await kafka.brokersSeenBy(address)).length} brokers`);
  return { engine: 'kafka', endpoint: address, answer };
}

/** Controllers listen where clients need not reach: a broker asks the active one for us. */
async function controllerHealth({ kafka }: Target): Promise<Unnamed> {
  const answer = await roundTrip(async () => {
    const { leaderId, leaderEpoch, voterIds, errorCode } = await kafka.quorum();
    if (leaderId < 0) throw new Error(`no controller leads (error ${errorCode})`);
    return `leader ${leaderId} of ${voterIds.length}, epoch ${leaderEpoch}`;
  });
  return { engine: 'kafka', endpoint: 'quorum', node: 'kafka-controller', answer };
}

async function registryHealth(registry: string, signal: AbortSignal): Promise<Unnamed> {
  const url = new URL(registry);
  const answer = await roundTrip(async () => {
    const response = await fetch(`${registry}/config`, { signal });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return `HTTP ${response.status}`;
  });
  return { engine: 'registry', endpoint: url.host, answer };
}

async function roundTrip(ask: () => Promise<string | undefined>, clock: Clock = systemClock): Promise<EngineAnswer> {
  const start = clock.monotonic();
  const served = (detail: string): EngineAnswer => ({ serves: true, latencyMs: clock.monotonic() - start, detail });
  try {
    return served(printable((await within('the answer', answerTimeoutMs, ask(), clock)) ?? ''));
  } catch (error) {
    // It answered: that we lack a right or a database there is no fault of the engine.
    if (error instanceof UnknownValue) return served(error.message);
    return {
      serves: isTlsDisagreement(error) || mayWantLogin(error) ? 'unknown' : false,
      reason: printable(reasonOf(error)),
    };
  }
}

/** It took the connection and told its versions: a dead one does neither. */
const mayWantLogin = (error: unknown): boolean => error instanceof EngineError && error.code === closedWithoutLogin;

/** fetch says only "fetch failed" and keeps the reason in the cause. */
function reasonOf(error: unknown): string {
  if (error instanceof TimeoutError) return `no answer within ${answerTimeoutMs} ms`;
  const { cause } = error as { cause?: unknown };
  if (!(error instanceof TypeError) || cause === undefined) return messageOf(error);
  const { code } = cause as { code?: unknown };
  return typeof code === 'string' ? `cannot be reached (${code})` : messageOf(cause);
}

async function nodesOf({ stack }: Target): Promise<readonly NodeStatus[]> {
  if (stack === undefined) return [];
  try {
    return await within('the process table', answerTimeoutMs, stack.status());
  } catch {
    return []; // whether the engines serve is known without it
  }
}

function named({ node, ...engine }: Unnamed, nodes: readonly NodeStatus[]): EngineHealth {
  const port = Number(engine.endpoint.slice(engine.endpoint.lastIndexOf(':') + 1));
  const status = nodes.find((other) => (node === undefined ? other.port === port : other.node === node));
  const process = status && {
    state: status.state,
    ...(status.usage === undefined ? {} : { usage: status.usage }),
    ...(status.version === undefined ? {} : { version: status.version }),
  };
  const address = engine.engine === 'mysql' || engine.engine === 'redis' || engine.engine === 'registry';
  return { ...engine, name: status?.node ?? node ?? (address ? engine.engine : `kafka ${engine.endpoint}`), process };
}

/** Where no broker answers, nobody knows about the controller. */
function notBlamed(engine: EngineHealth, _index: number, engines: readonly EngineHealth[]): EngineHealth {
  if (engine.endpoint !== 'quorum' || engine.answer.serves === true || engine.process?.state === 'dead') return engine;
  const brokers = engines.filter((other) => other.engine === 'kafka' && other.endpoint !== 'quorum');
  if (brokers.some(({ answer }) => answer.serves === true)) return engine;
  return { ...engine, answer: { serves: 'unknown', reason: 'no broker answers, and only they can ask it' } };
}

function downFinding({ name, answer, process }: EngineHealth): readonly Finding[] {
  if (answer.serves !== false) return [];
  const dead = process?.state === 'dead' || process?.state === 'stopped';
  return [
    {
      key: `engine.${name}`,
      severity: 'critical',
      text: dead
        ? { ko: `${name} 프로세스가 죽어 있음`, en: `the process of ${name} is gone` }
        : { ko: `${name} 응답 없음: ${answer.reason}`, en: `${name} does not serve: ${answer.reason}` },
    },
  ];
}
