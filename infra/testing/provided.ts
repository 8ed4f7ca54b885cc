import type { Endpoints } from '../stack/stack.ts';

/** What the global setup of the real tests hands to them: `inject('endpoints')`. */
declare module 'vitest' {
  export interface ProvidedContext {
    readonly endpoints: Endpoints;
  }
}
