import { readConfig } from '../config.ts';
import { identify } from '../process.ts';
import { healingOn } from './healing.ts';
import { faultLab } from './lab.ts';
import { watchLease } from './watch.ts';

/**
 * The healer of one fault: a process of its own that outlives whoever injected it. It says that it is armed only after
 * everything is loaded: what happens to the sources or the build afterwards cannot keep it from healing.
 */

const id = process.env.LABCTL_HEALER ?? '';
const lab = await faultLab(readConfig(process.env), process.env);
const healing = healingOn(lab);
const self = await identify(process.pid);
if (self === undefined) throw new Error('this process does not find itself in the process table');

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

healing.store.arm(id, self);
const result = await watchLease(id, { ...healing, signal: stop.signal });
// What it wrote about itself after somebody else's healing.
if (result.state !== 'failed') healing.store.remove(id);
// A client that still has a socket open must not keep a process that has done its work.
process.exit(result.state === 'failed' ? 1 : 0);
