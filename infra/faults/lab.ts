import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { labEndpoints } from '../stack/endpoints.ts';
import { createNativeStack } from '../stack/native/native-stack.ts';
import type { FaultLab } from './fault.ts';

/** The lab of this configuration: engines and endpoints belong together, whoever asks. */
export function faultLab(config: Config, clock: Clock = systemClock): FaultLab {
  return { config, clock, stack: createNativeStack(config), endpoints: labEndpoints(config.portOffset) };
}
