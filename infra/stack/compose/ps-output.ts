import { z } from 'zod';
import { EngineError } from '../../errors.ts';
import type { NodeStatus } from '../stack.ts';

/** One container of `docker compose ps --all --format json`. */
const container = z.object({
  Service: z.string(),
  State: z.string(),
  ExitCode: z.number().default(0),
  Image: z.string().default(''),
  /** starting, healthy or unhealthy; empty where there is no health check. */
  Health: z.string().default(''),
});
export type Container = z.infer<typeof container>;

/** An array until Compose 2.20, one object a line since 2.21. @throws EngineError for anything else. */
export function parseContainers(output: string): readonly Container[] {
  return parseRows(output, container);
}

const project = z.object({ Name: z.string(), ConfigFiles: z.string().default('') });

/** `docker compose ls --all --format json`. @throws EngineError for what is no such list. */
export function parseProjects(output: string): readonly z.infer<typeof project>[] {
  return parseRows(output, project);
}

function parseRows<Row>(output: string, schema: z.ZodType<Row>): readonly Row[] {
  const text = output.trim();
  try {
    const rows: unknown = text.startsWith('[')
      ? JSON.parse(text)
      : text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]));
    return z.array(schema).parse(rows);
  } catch (error) {
    throw new EngineError(
      'machine',
      { ko: 'docker compose의 답을 읽지 못했습니다', en: 'the answer of docker compose cannot be read' },
      { why: text.slice(0, 200), cause: error },
    );
  }
}

/** SIGTERM's: how a JVM ends that was asked to. */
const endedInOrder = [0, 143];

/** As the process table would say it: who ended by SIGKILL or by a failure is dead, who was stopped in order is stopped. */
export function stateOf(found: Container | undefined): NodeStatus['state'] {
  switch (found?.State) {
    case 'running':
    case 'restarting':
      return 'running';
    case 'paused':
      return 'paused';
    case 'exited':
    case 'dead':
      return endedInOrder.includes(found.ExitCode) ? 'stopped' : 'dead';
    default:
      return 'stopped';
  }
}

const memberState = z.enum(['running', 'paused', 'dead', 'stopped']);

/** A line a server, in the order asked. @throws EngineError for anything else. */
export function parseMemberStates(output: string): readonly NodeStatus['state'][] {
  const states = z.array(memberState).safeParse(output.trim().split(/\s+/));
  if (states.success) return states.data;
  throw new EngineError(
    'redis',
    {
      ko: 'Redis Cluster 컨테이너의 답을 읽지 못했습니다',
      en: "the answer of the Redis Cluster's container cannot be read",
    },
    { why: output.slice(0, 200), cause: states.error },
  );
}

/** The tag of an image's name: `apache/kafka:4.4.0` is version 4.4.0. */
export function versionOf({ Image: image }: Container): string | undefined {
  return /:([\w][\w.-]*)$/.exec(image)?.[1];
}
