import type { Redis } from 'ioredis';
import { z } from 'zod';
import { waitFor } from '../clock.ts';
import { EngineError, messageOf, RefusedError } from '../errors.ts';
import { redisGreeting, tlsExplainer } from '../port-language.ts';
import { notMapped, notPermitted, UnknownValue } from '../probes/reading.ts';
import type { Endpoints } from '../stack/stack.ts';
import { redisClient } from './client.ts';

/**
 * A Redis client that sends a command only when the server itself flags it `readonly` (COMMAND INFO, asked once a
 * command), or when it is one of the few that read the server and not the keyspace. Redis flags PFCOUNT too, which
 * rewrites the key's cached count and replicates that.
 */
export class ReadOnlyRedis {
  readonly #endpoint: Endpoints['redis'] | undefined;
  readonly #readOnly = new Map<string, boolean>();
  #client: Redis | undefined;
  #connecting: Promise<void> | undefined;
  #lastConnectError: (Error & { readonly code?: string }) | undefined;
  #explainedByTls: ReturnType<typeof tlsExplainer> | undefined;
  readonly #peers = new Map<string, ReadOnlyRedis>();

  /** @param endpoint undefined: the target has no Redis, every read is "not mapped". */
  constructor(endpoint: Endpoints['redis'] | undefined) {
    this.#endpoint = endpoint;
  }

  /** @throws RefusedError for a command that could write; UnknownValue where the account may not; EngineError when Redis does not answer or refuses. */
  async command<Reply>(name: string, args: readonly (string | number)[], reply: z.ZodType<Reply>): Promise<Reply> {
    const command = name.toLowerCase();
    if (!(await this.#mayBeSent(command, args))) {
      throw new RefusedError(`${name.toUpperCase()} is not sent to Redis`, {
        why: 'this client only reads, and Redis does not flag the command as read-only',
      });
    }
    return reply.parse(await this.#send(command, args));
  }

  /** Another node of the same cluster, with the same credentials; closed with this one. */
  peer({ host, port }: { readonly host: string; readonly port: number }): ReadOnlyRedis {
    const address = `${host}:${port}`;
    const open = this.#peers.get(address);
    if (open !== undefined) return open;
    const peer = new ReadOnlyRedis(this.#endpoint === undefined ? undefined : { ...this.#endpoint, host, port });
    this.#peers.set(address, peer);
    return peer;
  }

  async close(): Promise<void> {
    for (const peer of this.#peers.values()) await peer.close();
    this.#peers.clear();
    this.#client?.disconnect();
    this.#client = undefined;
    this.#connecting = undefined;
  }

  async #mayBeSent(command: string, args: readonly (string | number)[]): Promise<boolean> {
    const subcommands = serverReads[command];
    if (subcommands !== undefined) {
      return subcommands === 'any' || subcommands.includes(String(args[0] ?? '').toLowerCase());
    }
    const asked = this.#readOnly.get(command);
    if (asked !== undefined) return asked;
    const [info] = commandInfo.parse(await this.#send('command', ['INFO', command]));
    const readOnly = command !== 'pfcount' && (info?.[2].includes('readonly') ?? false);
    this.#readOnly.set(command, readOnly);
    return readOnly;
  }

  async #send(command: string, args: readonly (string | number)[]): Promise<unknown> {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) throw new UnknownValue(`${notMapped}: no Redis is named`);
    const client = this.#client ?? this.#open(endpoint);
    // Without an offline queue a command sent while the first connection is being made would fail.
    this.#connecting ??= client.connect().catch(() => {});
    await this.#connecting;
    const timeoutMs = client.options.commandTimeout ?? 0;
    await waitFor('Redis', () => !this.#isOpening(client), { timeoutMs, intervalMs: 10 }).catch(() => {});
    try {
      return await client.call(command, ...args);
    } catch (error) {
      if (isLacking(messageOf(error))) throw lacking(messageOf(error), command);
      throw await this.#engineError(error, client, endpoint);
    }
  }

  #open(endpoint: Endpoints['redis']): Redis {
    const client = redisClient(endpoint, 'labctl.read-only');
    // It is an INFO, and prints a warning where the account may not send one; each command says by itself what is wrong.
    client.options.enableReadyCheck = false;
    client.on('error', (error: Error & { code?: string }) => {
      this.#lastConnectError = error;
    });
    let wasReady = false;
    client.on('connect', () => {
      // What ends this connection is another failure; but that we may not log in holds until we have.
      if (!isLacking(this.#lastConnectError?.message ?? '')) this.#lastConnectError = undefined;
    });
    client.on('ready', () => {
      wasReady = true;
      this.#lastConnectError = undefined;
    });
    client.on('close', () => {
      if (!wasReady) this.#lastConnectError ??= new Error(noConnection);
      wasReady = false;
    });
    this.#client = client;
    return client;
  }

  /**
   * True while nobody can say what comes of the connection: it logs in (ioredis: 'connect'), or the last one was well and
   * is being made anew. A command would be rejected though Redis is well, or before it says what it has against us.
   */
  #isOpening({ status }: Redis): boolean {
    if (status === 'connect') return true;
    return status !== 'ready' && status !== 'end' && this.#lastConnectError === undefined;
  }

  /** ioredis tells a command only that there is no connection; why there is none came with the connection's event. */
  async #engineError(error: unknown, client: Redis, endpoint: Endpoints['redis']): Promise<Error> {
    const { host, port, tls } = endpoint;
    const redis = `Redis at ${host}:${port}`;
    if (client.status !== 'ready') {
      const { code, message = noConnection } = this.#lastConnectError ?? {};
      if (isLacking(message)) return lacking(message, '');
      const name = { ko: `Redis ${host}:${port}`, en: redis };
      this.#explainedByTls ??= tlsExplainer({ engine: 'redis', name, host, port, tls }, redisGreeting);
      const explained = await this.#explainedByTls({ code, message });
      const why = code ?? message;
      return explained ?? new EngineError('redis', `${redis} cannot be reached (${why})`, { code: why, cause: error });
    }
    if (messageOf(error) === 'Command timed out') {
      return new EngineError('redis', `${redis} gives no answer`, { code: 'ETIMEDOUT', cause: error });
    }
    return new EngineError('redis', `${redis} failed: ${messageOf(error)}`, { cause: error });
  }
}

const noConnection = 'no connection';

const isLacking = (message: string): boolean => /^(?:NOAUTH|WRONGPASS|NOPERM)\b/.test(message);

/** Redis has no error codes but the first word. Its further words name the user and the keys. */
function lacking(message: string, command: string): UnknownValue {
  if (message.startsWith('NOAUTH')) return new UnknownValue(`${notPermitted}: Redis wants a password`);
  if (message.startsWith('WRONGPASS')) return new UnknownValue(`${notPermitted}: wrong user or password`);
  const what = / keys?\b/.test(message) ? `${command.toUpperCase()} of this key` : command.toUpperCase();
  return new UnknownValue(`${notPermitted}: ${what}`);
}

/** Not flagged `readonly` because they touch no key; all of them only look. SLOWLOG and CONFIG have writing siblings. */
const serverReads: Readonly<Record<string, 'any' | readonly string[]>> = {
  ping: 'any',
  info: 'any',
  time: 'any',
  lastsave: 'any',
  role: 'any',
  slowlog: ['get', 'len'],
  config: ['get'],
  client: ['list', 'info', 'id'],
  latency: ['latest', 'history', 'doctor', 'histogram'],
  memory: ['stats', 'doctor'],
  cluster: ['info', 'nodes', 'shards', 'slots', 'keyslot', 'countkeysinslot', 'getkeysinslot', 'myid', 'slot-stats'],
};

/** COMMAND INFO: name, arity, flags, …; null for a command the server does not have. */
const commandInfo = z.array(z.tuple([z.string(), z.coerce.number(), z.array(z.string())], z.unknown()).nullable());
