import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { within } from '../../clock.ts';

/** Somebody who listens on a port. `pid` is missing where the process table does not show it (another user's process). */
export interface PortHolder {
  readonly port: number;
  readonly pid?: number;
  /** `mysqld (pid 123)`, or `another process`. */
  readonly name: string;
}

/** A listening socket as /proc/net/tcp shows it. */
export interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
}

/**
 * Lines of /proc/net/tcp or tcp6 in state LISTEN whose address covers 127.0.0.1: loopback, any, and both mapped into
 * IPv6. Addresses are hexadecimal in the byte order of the machine, ports in network order (proc(5)).
 */
export function parseListening(table: string): readonly ListeningSocket[] {
  const covering = new Set([
    '0100007F',
    '00000000',
    '00000000000000000000000000000000',
    '0000000000000000FFFF00000100007F',
    '0000000000000000FFFF000000000000',
  ]);
  const sockets: ListeningSocket[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address, port] = (local ?? '').split(':');
    if (state !== '0A' || inode === undefined || address === undefined || port === undefined) continue;
    if (covering.has(address)) sockets.push({ port: Number.parseInt(port, 16), inode });
  }
  return sockets;
}

/** Who listens on which of these ports; free ports are absent. */
export async function findHolders(ports: readonly number[]): Promise<ReadonlyMap<number, PortHolder>> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(readOrEmpty);
  if (tables.every((table) => table === '')) return holdersByTrying(ports);
  const wanted = new Set(ports);
  const sockets = tables.flatMap(parseListening).filter(({ port }) => wanted.has(port));
  const owners = sockets.length === 0 ? new Map<string, number>() : socketOwners(new Set(sockets.map((s) => s.inode)));
  return new Map(
    sockets.map(({ port, inode }) => {
      const pid = owners.get(inode);
      return [port, pid === undefined ? stranger(port) : { port, pid, name: `${programOf(pid)} (pid ${pid})` }];
    }),
  );
}

function stranger(port: number): PortHolder {
  return { port, name: 'another process' };
}

/** Each process shows its open sockets as links `socket:[<inode>]` below /proc/<pid>/fd; other users' are closed to us. */
function socketOwners(inodes: ReadonlySet<string>): Map<string, number> {
  const owners = new Map<string, number>();
  for (const pid of listOrEmpty('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of listOrEmpty(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOrEmpty(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) owners.set(inode, Number(pid));
    }
    if (owners.size === inodes.size) break;
  }
  return owners;
}

/** The program's name; behind a private loader (`ld-linux … --argv0 mysqld`) the name it was given. */
export function programName(commandLine: readonly string[]): string {
  const given = commandLine[1] === '--argv0' ? commandLine[2] : commandLine[0];
  return given === undefined || given === '' ? 'a process' : basename(given);
}

function programOf(pid: number): string {
  return programName(readOrEmpty(`/proc/${pid}/cmdline`).split('\0'));
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function listOrEmpty(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOrEmpty(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

/** Where there is no /proc: a port that cannot be bound is taken, by whom is not known. */
async function holdersByTrying(ports: readonly number[]): Promise<ReadonlyMap<number, PortHolder>> {
  const taken = await Promise.all(ports.map(async (port) => ((await canBind(port)) ? [] : [port])));
  return new Map(taken.flat().map((port) => [port, stranger(port)]));
}

async function canBind(port: number): Promise<boolean> {
  const server = createServer();
  const bound = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  try {
    return await within(`binding port ${port}`, 2_000, bound);
  } finally {
    server.close();
  }
}
