import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { createStack, driverInUse } from '../stack/driver.ts';
import { labEndpoints } from '../stack/endpoints.ts';
import type { FaultLab } from './fault.ts';

/**
 * The lab of this configuration, by the driver that runs it: engines and endpoints belong together, whoever asks.
 * @param env where `docker` is looked for.
 */
export async function faultLab(config: Config, env: NodeJS.ProcessEnv, clock: Clock = systemClock): Promise<FaultLab> {
  const stack = await createStack(config, await driverInUse(config, env), env);
  return { config, clock, stack, endpoints: labEndpoints(config.portOffset) };
}
