import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { EngineError, InterruptedError, messageOf } from '../../errors.ts';
import { packageRoot } from '../../package-root.ts';
import { outputLines, type RunResult, run } from '../../process.ts';
import { type PortName, portsFor } from '../ports.ts';
import { dockerAtWork } from './docker-at-work.ts';
import { isPublished, portVariable } from './service.ts';

/** Whether `labctl up` could use Docker, and why not. */
export interface DockerFinding {
  readonly answers: boolean;
  /** Of the engine and of Compose, where they answered. */
  readonly engine?: string;
  readonly compose?: string;
  /** What docker said, or that there is none. */
  readonly why?: string;
}

const daemonTimeoutMs = 2_000;

/** Asks the engine, not only whether a program called docker is there; an engine that is slow to answer counts as none. */
export async function findDocker(env: NodeJS.ProcessEnv): Promise<DockerFinding> {
  const info = await run('docker', ['info', '--format', '{{.ServerVersion}}'], { env, timeoutMs: daemonTimeoutMs });
  const engine = info.stdout.trim();
  if (info.problem !== undefined || engine === '') return { answers: false, why: said(info) };
  const compose = await run('docker', ['compose', 'version', '--short'], { env, timeoutMs: 10_000 });
  if (compose.problem !== undefined) return { answers: false, engine, why: said(compose) };
  return { answers: true, engine, compose: compose.stdout.trim() };
}

export const composeFilePath = join(packageRoot, 'docker-compose.yml');

/** A lab on moved ports is a project of its own; without offset it is the one that plain `docker compose up` makes. */
export function projectName(portOffset: number): string {
  return portOffset === 0 ? 'labctl' : `labctl-${portOffset}`;
}

export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Leaves on-demand services alone; else they are meant too. */
  readonly plain?: true;
  /** Starts or stops containers, under the lock of the stack: it goes on when labctl is killed. */
  readonly outlives?: true;
}

/** `docker compose …` on this lab's project. */
export interface Compose {
  /** @returns its stdout. @throws EngineError with its own words; InterruptedError. */
  call(args: readonly string[], options: CallOptions): Promise<string>;
  /** What it prints, as it comes. @throws EngineError with the last of it. */
  lines(args: readonly string[], signal: AbortSignal): AsyncGenerator<string>;
}

export function composeOf(config: Config, env: NodeJS.ProcessEnv): Compose {
  const { portOffset } = config;
  const ports = portsFor(portOffset);
  const names = (Object.keys(ports) as PortName[]).filter(isPublished);
  const moved = names.map((name) => [portVariable(name), String(ports[name])]);
  const options = { cwd: packageRoot, env: { ...env, ...Object.fromEntries(moved) } };
  const project = ['--project-name', projectName(portOffset), '--file', composeFilePath];
  const onDemand = ['--profile', 'on-demand'];
  return {
    async call(args, { timeoutMs, signal, plain, outlives }) {
      const bounds = { timeoutMs, ...(signal === undefined ? {} : { signal }) };
      const atWork = outlives ? dockerAtWork(config) : undefined;
      const result = await run('docker', ['compose', ...project, ...(plain ? [] : onDemand), ...args], {
        ...options,
        ...bounds,
        ...(atWork === undefined ? {} : { onStart: atWork.begun }),
      });
      await atWork?.ended();
      if (signal?.aborted) throw new InterruptedError();
      if (result.problem !== undefined) throw callFailed(args, result);
      return result.stdout;
    },
    async *lines(args, signal) {
      let last = '';
      try {
        for await (const line of outputLines('docker', ['compose', ...project, ...onDemand, ...args], {
          ...options,
          signal,
        })) {
          last = line;
          yield line;
        }
      } catch (error) {
        throw callFailed(args, { stderr: last, problem: messageOf(error), timedOut: false });
      }
    },
  };
}

type Failure = Pick<RunResult, 'stderr' | 'problem' | 'timedOut'>;

function callFailed(args: readonly string[], result: Failure): EngineError {
  const command = `docker compose ${args.join(' ')}`;
  return new EngineError(
    'machine',
    {
      ko: result.timedOut ? `${command}이(가) 끝나지 않습니다` : `${command}이(가) 실패했습니다`,
      en: result.timedOut ? `${command} does not end` : `${command} failed`,
    },
    {
      why: said(result),
      tryThis: [
        'docker compose ps --all',
        { ko: 'Docker 없이: labctl up --driver native', en: 'without Docker: labctl up --driver native' },
      ],
    },
  );
}

/** Progress comes first on stderr, the reason last. */
function said({ stderr, problem }: Pick<Failure, 'stderr' | 'problem'>): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.slice(-2).join(' · ') || problem || 'docker failed').slice(0, 400);
}
