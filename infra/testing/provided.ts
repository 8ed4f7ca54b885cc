import type { Config } from '../config.ts';
import type { Endpoints } from '../stack/stack.ts';

/** What the global setup of the real tests hands to them: `inject('endpoints')`, and the private stack's own config. */
declare module 'vitest' {
  export interface ProvidedContext {
    readonly endpoints: Endpoints;
    readonly config: Config;
  }
}
