import { describe, expect, test } from 'vitest';
import { parseContainers, parseProjects, stateOf, versionOf } from './ps-output.ts';

/** In the shape of Compose 2.40: one object a line; shortened by fields that nobody reads. */
const lines = `{"Command":"\\"docker-entrypoint.s…\\"","ExitCode":0,"Health":"healthy","ID":"6f1c2d3e4a5b","Image":"mysql:9.7","Name":"labctl-mysql-1","Project":"labctl","Publishers":[{"URL":"127.0.0.1","TargetPort":3306,"PublishedPort":13306,"Protocol":"tcp"}],"Service":"mysql","State":"running","Status":"Up 2 minutes (healthy)"}
{"Command":"\\"/__cacert_entrypoint…\\"","ExitCode":137,"Health":"","ID":"7a8b9c0d1e2f","Image":"apache/kafka:4.4.0","Name":"labctl-kafka-2-1","Project":"labctl","Publishers":[],"Service":"kafka-2","State":"exited","Status":"Exited (137) 3 seconds ago"}
`;

test('one object a line, as Compose prints since 2.21, and an array, as before, say the same', () => {
  const rows = parseContainers(lines);
  expect(rows.map(({ Service, State, Health, ExitCode }) => [Service, State, Health, ExitCode])).toEqual([
    ['mysql', 'running', 'healthy', 0],
    ['kafka-2', 'exited', '', 137],
  ]);
  expect(parseContainers(`[${lines.trim().replace('\n', ',')}]`)).toEqual(rows);
});

test('no container at all is no error', () => {
  expect(parseContainers('')).toEqual([]);
  expect(parseContainers('[]\n')).toEqual([]);
});

test('what is no such list is an error that shows it', () => {
  expect(() => parseContainers('Cannot connect to the Docker daemon')).toThrow(
    expect.objectContaining({ name: 'EngineError', why: 'Cannot connect to the Docker daemon' }),
  );
  expect(() => parseContainers('{"Name":"x"}')).toThrow(expect.objectContaining({ name: 'EngineError' }));
});

describe('the state of a node', () => {
  const state = (State: string, ExitCode = 0) => stateOf({ Service: 'x', Image: '', Health: '', State, ExitCode });

  test.each([
    ['running', 0, 'running'],
    ['restarting', 1, 'running'],
    ['paused', 0, 'paused'],
    ['exited', 137, 'dead'],
    ['exited', 1, 'dead'],
    ['exited', 0, 'stopped'],
    ['exited', 143, 'stopped'],
    ['created', 0, 'stopped'],
  ] as const)('%s (%i) is %s', (name, exitCode, expected) => {
    expect(state(name, exitCode)).toBe(expected);
  });

  test('without a container is stopped', () => {
    expect(stateOf(undefined)).toBe('stopped');
  });
});

test('the version is the tag, never a port of the registry', () => {
  const version = (Image: string) => versionOf({ Service: 'x', State: 'running', ExitCode: 0, Health: '', Image });
  expect(version('apache/kafka:4.4.0')).toBe('4.4.0');
  expect(version('localhost:5000/mysql')).toBeUndefined();
});

test('projects and the files they come from', () => {
  const output = '[{"Name":"labctl","Status":"running(11)","ConfigFiles":"/home/me/labctl/docker-compose.yml"}]';
  expect(parseProjects(output)).toEqual([{ Name: 'labctl', ConfigFiles: '/home/me/labctl/docker-compose.yml' }]);
});
