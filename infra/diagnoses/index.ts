import type { Diagnosis } from './diagnosis.ts';
import { dlq } from './dlq.ts';
import { duplicates } from './duplicates.ts';
import { projection } from './projection.ts';

/** Every diagnosis, in the order in which `labctl diagnose all` asks. Importing it loads no engine client. */
export const diagnoses: readonly Diagnosis[] = [duplicates, projection, dlq];
