import { expect, test } from 'vitest';
import {
  aptConfiguration,
  assumedInstalled,
  parseCandidates,
  parseIndexTargets,
  parseOsRelease,
  sourceLines,
  transportSettings,
  upstreamVersion,
} from './apt-sources.ts';

const targets = parseIndexTargets(`http://main.example/debian|bookworm|main
http://main.example/debian|bookworm|main
http://main.example/debian|bookworm-updates|main
http://main.example/debian-security|bookworm-security|main
http://vendor.example/apt|stable|main
http://other.example/debian|bookworm|contrib
`);
const options = '[arch=amd64]';

test('index targets are read once each', () => {
  expect(targets).toHaveLength(5);
  expect(targets[0]).toEqual({ site: 'http://main.example/debian', release: 'bookworm', component: 'main' });
});

test("the machine's own suites are taken; another vendor's are not", () => {
  expect(sourceLines('own', targets, { codename: 'bookworm', options })).toEqual([
    'deb [arch=amd64] http://main.example/debian bookworm main',
    'deb [arch=amd64] http://main.example/debian bookworm-updates main',
    'deb [arch=amd64] http://main.example/debian-security bookworm-security main',
    'deb [arch=amd64] http://other.example/debian bookworm contrib',
  ]);
});

test('sid comes alone, and from the archive that has the updates too', () => {
  expect(sourceLines('sid', targets, { codename: 'bookworm', options })).toEqual([
    'deb [arch=amd64] http://main.example/debian sid main',
  ]);
});

test('a machine that lists no archive of its release has no sources', () => {
  expect(sourceLines('own', targets, { codename: 'trixie', options })).toEqual([]);
  expect(sourceLines('sid', targets, { codename: 'trixie', options })).toEqual([]);
});

test.each([
  {
    text: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian',
    family: 'debian',
    codename: 'bookworm',
  },
  { text: 'ID=ubuntu\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble', family: 'ubuntu', codename: 'noble' },
  { text: 'ID=linuxmint\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble', family: 'ubuntu', codename: 'noble' },
])('$codename of $family is known', ({ text, family, codename }) => {
  expect(parseOsRelease(text)).toMatchObject({ family, codename });
});

test('a distribution without a code name is none of ours', () => {
  expect(parseOsRelease('ID=alpine\nVERSION_ID=3.20')).toBeUndefined();
});

test('proxy and date settings are kept; hooks and languages are not', () => {
  const dump = `Acquire "";
Acquire::http "";
Acquire::http::Proxy "http://gate.example:3128";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
DPkg::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";
Dir::Etc::preferences "/etc/apt/preferences";`;
  expect(transportSettings(dump)).toEqual([
    'Acquire::http "";',
    'Acquire::http::Proxy "http://gate.example:3128";',
    'Acquire::Check-Valid-Until "false";',
  ]);
});

test('the private configuration names nothing of the host', () => {
  const text = aptConfiguration('/cache/apt', { architecture: 'amd64', transport: ['Acquire::Retries "5";'] });
  expect(text).toMatch(/^Acquire::Retries "5";/);
  expect(text).not.toMatch(/"\/(etc|var)\//);
});

test('names without a candidate are no packages', () => {
  const policy = `mysql-server-core:
  Installed: (none)
  Candidate: 9.7.4-2
  Version table:
     9.7.4-2 500
mysql-server-core-8.0:
  Installed: (none)
  Candidate: (none)
`;
  expect([...parseCandidates(policy)]).toEqual([['mysql-server-core', '9.7.4-2']]);
});

test('what is assumed installed satisfies a dependency on perl:any, and never holds the C library', () => {
  const status = assumedInstalled('amd64');
  expect(status).toMatch(/Package: perl\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: allowed\n/);
  expect(status).not.toMatch(/Package: libc6\n/);
});

test.each([
  ['5:7.0.15-1~deb12u10', '7.0.15'],
  ['9.7.4-2', '9.7.4'],
  ['1.2', '1.2'],
])('%s is upstream %s', (version, upstream) => {
  expect(upstreamVersion(version)).toBe(upstream);
});
