import type { Diagnosis } from './diagnosis.ts';
import { dlq } from './dlq.ts';
import { lag } from './lag.ts';
import { rebalance } from './rebalance.ts';

/** Every diagnosis, in the order in which `labctl diagnose all` asks. Importing it loads no engine client. */
export const diagnoses: readonly Diagnosis[] = [lag, rebalance, dlq];
