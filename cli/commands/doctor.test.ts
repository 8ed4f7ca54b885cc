import { describe, expect, test } from 'vitest';
import type { DriverFindings } from '../../infra/stack/driver.ts';
import type { MachineFindings } from '../../infra/stack/native/machine.ts';
import { problemsOf } from './doctor.ts';

const gigabyte = 1024 ** 3;

const fine: MachineFindings = {
  platform: 'linux x64',
  distribution: 'Debian GNU/Linux 12 (bookworm)',
  node: { version: '24.21.0', fits: true },
  java: [{ path: '/usr/bin/java', version: '21.0.4', fits: true }],
  maven: undefined,
  mysql: [],
  redis: [],
  packageTools: {
    'apt-get': '/usr/bin/apt-get',
    'dpkg-deb': '/usr/bin/dpkg-deb',
    tar: '/usr/bin/tar',
    bash: '/bin/bash',
  },
  disk: [{ folder: '.lab', freeBytes: 50 * gigabyte, neededBytes: gigabyte }],
  memory: { availableBytes: 8 * gigabyte, neededBytes: 2 * gigabyte },
  ports: [{ name: 'mysql', port: 13306, state: 'free' }],
  fetched: [],
  missing: [],
};

const native: DriverFindings = { next: 'native', docker: { answers: false, why: 'no docker' } };

const saidAbout = (machine: Partial<MachineFindings>, driver = native): readonly string[] =>
  problemsOf({ ...fine, ...machine }, driver).map(({ what }) => what.en);

describe('what stands in the way of up', () => {
  test('is nothing on a machine that fits, nor what can be fetched', () => {
    expect(saidAbout({})).toEqual([]);
    expect(saidAbout({ missing: ['mysql', 'kafka'] })).toEqual([]);
    expect(
      saidAbout({
        java: [{ path: '/usr/bin/java', version: '17', fits: false, rejected: { ko: '낮음', en: 'too old' } }],
      }),
    ).toEqual([]);
    expect(saidAbout({ ports: [{ name: 'mysql', port: 13306, state: 'own', holder: 'mysqld (pid 1)' }] })).toEqual([]);
  });

  test.each<[string, Partial<MachineFindings>]>([
    ['Node 20.0.0 is too old', { node: { version: '20.0.0', fits: false } }],
    [
      'mysql must be fetched, and dpkg-deb is missing',
      { missing: ['mysql'], packageTools: { ...fine.packageTools, 'dpkg-deb': undefined } },
    ],
    ['Java must be fetched, and tar is missing', { java: [], packageTools: { ...fine.packageTools, tar: undefined } }],
    [
      'too little disk under .lab: 512 MB free, 1.0 GB needed',
      { disk: [{ folder: '.lab', freeBytes: gigabyte / 2, neededBytes: gigabyte }] },
    ],
    [
      'too little memory: 1.0 GB available, 2.0 GB needed',
      { memory: { availableBytes: gigabyte, neededBytes: 2 * gigabyte } },
    ],
    [
      'port 13306 of mysql is taken by mysqld (pid 4711)',
      { ports: [{ name: 'mysql', port: 13306, state: 'taken', holder: 'mysqld (pid 4711)' }] },
    ],
  ])('is said: %s', (said, machine) => {
    expect(saidAbout(machine)).toEqual([said]);
    const [problem] = problemsOf({ ...fine, ...machine }, native);
    expect(problem?.what.ko).toMatch(/[가-힣]/);
    expect(problem?.tryThis.ko).not.toBe('');
  });

  test('with containers, only Docker itself', () => {
    const lacking: Partial<MachineFindings> = {
      java: [],
      missing: ['mysql'],
      packageTools: { ...fine.packageTools, tar: undefined },
      ports: [{ name: 'mysql', port: 13306, state: 'taken', holder: 'docker-proxy (pid 4711)' }],
    };
    const docker = { answers: true, engine: '28.2.2', compose: '2.40.3' };
    expect(saidAbout(lacking, { next: 'compose', docker })).toEqual([]);
    expect(saidAbout({}, { next: 'compose', recorded: 'compose', docker: native.docker })).toEqual([
      'this lab is run by compose, and Docker does not answer: no docker',
    ]);
  });

  test('tools that nothing needs are not missed', () => {
    expect(saidAbout({ packageTools: { ...fine.packageTools, 'apt-get': undefined } })).toEqual([]);
  });
});
