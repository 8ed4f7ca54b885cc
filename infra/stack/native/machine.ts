import type { PortName } from '../ports.ts';

/** A program of this machine that labctl could use, and why it does not where it does not. */
export interface FoundProgram {
  readonly path: string;
  /** As it prints itself; undefined when it could not be run. */
  readonly version: string | undefined;
  readonly fits: boolean;
  /** Why it is not used: "version 17, 21 or newer is needed". Absent when it fits. */
  readonly rejected?: string;
}

export interface FetchedEngine {
  readonly engine: string;
  readonly version: string;
  readonly folder: string;
  readonly fetchedAt: string;
}

export interface PortFinding {
  readonly name: PortName;
  readonly port: number;
  /** own: held by a node of this very stack. */
  readonly state: 'free' | 'own' | 'taken';
  /** Who holds it: `mysqld (pid 123)`, or `another process` where that cannot be seen. */
  readonly holder?: string;
}

/** Facts about the machine under the stack, for `labctl doctor`. Sizes in bytes. */
export interface MachineFindings {
  readonly platform: string;
  readonly distribution: string | undefined;
  readonly node: { readonly version: string; readonly fits: boolean };
  /** In the order in which they are tried; the first that fits is used. None fits: a private JRE is fetched. */
  readonly java: readonly FoundProgram[];
  readonly maven: FoundProgram | undefined;
  /** What fetching needs; undefined where it is missing. */
  readonly packageTools: Readonly<Record<'apt-get' | 'dpkg-deb' | 'tar' | 'bash', string | undefined>>;
  readonly disk: readonly { readonly folder: string; readonly freeBytes: number; readonly neededBytes: number }[];
  readonly memory: { readonly availableBytes: number; readonly neededBytes: number } | undefined;
  readonly ports: readonly PortFinding[];
  readonly fetched: readonly FetchedEngine[];
  /** Engines that the next `up` will fetch. */
  readonly missing: readonly string[];
}
