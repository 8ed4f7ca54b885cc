import { checks } from './checks.ts';
import type { Diagnosis } from './diagnosis.ts';
import { dlq } from './dlq.ts';

/** Every diagnosis, in the order in which `labctl diagnose all` asks. Importing it loads no engine client. */
export const diagnoses: readonly Diagnosis[] = [dlq, checks];
