import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { systemClock } from '../../clock.ts';
import { readConfig } from '../../config.ts';
import { reviveFault } from '../index.ts';
import { injectFault } from '../inject.ts';
import { faultLab } from '../lab.ts';
import { faultParameters } from '../lease.ts';

/** A process that injects the fault it is told, says so, and then does nothing: it is there to be killed. */

const told = z
  .object({ kind: z.string(), parameters: faultParameters, forMs: z.number(), owner: z.enum(['self', 'nobody']) })
  .extend({ readyFile: z.string() })
  .parse(JSON.parse(process.env.FAULT_RUNNER ?? 'null'));
const fault = reviveFault({ ...told, id: 'runner' });
const lab = await faultLab(readConfig(process.env), process.env);
const { lease } = await injectFault(fault, lab, { ...told, who: 'a test' });
writeFileSync(told.readyFile, lease.id);
await systemClock.sleep(10 * 60_000);
