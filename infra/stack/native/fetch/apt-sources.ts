/** Pure: which archives the machine's own apt configuration names, and the private configuration made from them. */

/** One index that apt would download: `apt-get indextargets` with our format. */
export interface IndexTarget {
  readonly site: string;
  readonly release: string;
  readonly component: string;
}

export const indexTargetFormat = '$(SITE)|$(RELEASE)|$(COMPONENT)';

export function parseIndexTargets(output: string): readonly IndexTarget[] {
  const lines = [...new Set(output.split('\n'))].filter((line) => line.split('|').length === 3);
  return lines.map((line) => {
    const [site = '', release = '', component = ''] = line.split('|');
    return { site, release, component };
  });
}

export interface Distribution {
  readonly family: 'debian' | 'ubuntu';
  /** `bookworm`, `noble`. */
  readonly codename: string;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  readonly title: string;
}

/** Reads /etc/os-release; undefined for a distribution without a Debian or Ubuntu code name. */
export function parseOsRelease(text: string): Distribution | undefined {
  const fields = new Map(
    text.split('\n').map((line) => {
      const [name = '', ...rest] = line.split('=');
      return [name, rest.join('=').replace(/^"(.*)"$/, '$1')] as const;
    }),
  );
  const ubuntu = fields.get('UBUNTU_CODENAME');
  const codename = ubuntu || fields.get('VERSION_CODENAME');
  if (!codename) return undefined;
  return { family: ubuntu ? 'ubuntu' : 'debian', codename, title: fields.get('PRETTY_NAME') ?? codename };
}

/**
 * sources.list lines of one suite.
 * own: CODE, CODE-updates and CODE-security as the machine lists them. A third-party archive under the same code name
 * fails the signature check and is ignored by apt.
 * sid: Debian only, *only* sid of the machine's own main archive: libraries must all come from one release.
 */
export type Suite = 'own' | 'sid';

export function sourceLines(
  suite: Suite,
  targets: readonly IndexTarget[],
  { codename, options }: { readonly codename: string; readonly options: string },
): readonly string[] {
  const releases = [codename, `${codename}-updates`, `${codename}-security`];
  const own = targets.filter(({ release }) => releases.includes(release));
  if (suite === 'own')
    return own.map(({ site, release, component }) => `deb ${options} ${site} ${release} ${component}`);
  const main = mainArchive(own, codename);
  return main === undefined ? [] : [`deb ${options} ${main} sid main`];
}

/** The site that offers CODE main and CODE-updates: a mirror of the whole archive, and so of sid too. */
function mainArchive(own: readonly IndexTarget[], codename: string): string | undefined {
  const sites = own
    .filter(({ release, component }) => release === codename && component === 'main')
    .map(({ site }) => site);
  const updated = new Set(own.filter(({ release }) => release === `${codename}-updates`).map(({ site }) => site));
  return sites.find((site) => updated.has(site)) ?? sites[0];
}

/** The machine's own transport settings (proxy, retries, date checks); its hooks, pins and extra indexes stay out. */
export function transportSettings(configDump: string): readonly string[] {
  const kept = /^Acquire::(https?|ftp|Retries|Check-Valid-Until|Check-Date|ForceIPv[46])[: ]/;
  return configDump.split('\n').filter((line) => kept.test(line));
}

/** Needed by a system that boots, configures packages or logs people in, never by a single program. */
const unneededPackages = [
  ...['adduser', 'base-files', 'base-passwd', 'bash', 'coreutils', 'dash', 'debconf', 'debianutils', 'dpkg'],
  ...['init-system-helpers', 'login', 'lsb-base', 'mount', 'passwd', 'perl', 'perl-base', 'procps', 'psmisc'],
  ...['sensible-utils', 'systemd', 'sysvinit-utils', 'tar', 'ucf', 'util-linux'],
  // A JRE's certificates are made when it is configured; Maven runs on the Java that labctl found.
  ...['ca-certificates', 'ca-certificates-java', 'default-jre-headless', 'java-common', 'openssl'],
  // 200 MB of Prometheus' web page, which looks for them outside a private root and finds nothing.
  ...['fonts-glyphicons-halflings', 'libjs-bootstrap4', 'libjs-eonasdan-bootstrap-datetimepicker', 'libjs-jquery'],
  ...['libjs-jquery-hotkeys', 'libjs-moment', 'libjs-moment-timezone', 'libjs-mustache', 'libjs-popper.js'],
  ...['libjs-rickshaw'],
] as const;

/**
 * What the private apt takes for installed: only what no program of ours needs. Everything else, down to the C library,
 * is then part of a package's closure, whatever the host has installed.
 */
export function assumedInstalled(architecture: string): string {
  const stanzas = unneededPackages.map((name) =>
    [
      `Package: ${name}`,
      'Status: install ok installed',
      `Architecture: ${architecture}`,
      'Multi-Arch: allowed', // or a dependency on perl:any would not be met
      'Maintainer: labctl',
      'Version: 99:1',
      'Description: not needed in a private root',
    ].join('\n'),
  );
  return `${stanzas.join('\n\n')}\n`;
}

/** A private apt with its own lists, cache and status file. NoLocking lets an ordinary user download. */
export function aptConfiguration(
  folder: string,
  { architecture, transport }: { readonly architecture: string; readonly transport: readonly string[] },
): string {
  return `${transport.join('\n')}
Dir::Etc::main "/dev/null"; Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "${folder}/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::State "${folder}"; Dir::State::lists "${folder}/lists"; Dir::State::status "${folder}/status";
Dir::State::extended_states "${folder}/extended_states";
Dir::Cache "${folder}/cache"; Dir::Log "${folder}";
APT::Architecture "${architecture}"; APT::Architectures { "${architecture}"; };
APT::Sandbox::User ""; APT::Install-Recommends "0"; APT::Install-Suggests "0"; APT::Get::Assume-Yes "1";
Acquire::Languages "none"; Acquire::GzipIndexes "1"; Acquire::Retries "3"; Debug::NoLocking "1";
Binary::apt-get::APT::Keep-Downloaded-Packages "1";
`;
}

/**
 * Names in `apt-cache policy` that really have a candidate, with its version. `apt-cache pkgnames` also lists names that
 * are only mentioned somewhere.
 */
export function parseCandidates(policy: string): ReadonlyMap<string, string> {
  const candidates = new Map<string, string>();
  let name = '';
  for (const line of policy.split('\n')) {
    const heading = /^(\S+):$/.exec(line);
    if (heading?.[1] !== undefined) name = heading[1];
    const version = /^\s+Candidate: ([^(\s]\S*)/.exec(line)?.[1];
    if (version !== undefined) candidates.set(name, version);
  }
  return candidates;
}

/** The upstream part of a Debian version, `[epoch:]upstream[-revision]` (deb-version(7)): 7.0.15 of 5:7.0.15-1~deb12u10. */
export function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}
