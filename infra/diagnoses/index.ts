import type { Diagnosis } from './diagnosis.ts';
import { dlq } from './dlq.ts';
import { loss } from './loss.ts';
import { outbox } from './outbox.ts';

/** Every diagnosis, in the order in which `labctl diagnose all` asks. Importing it loads no engine client. */
export const diagnoses: readonly Diagnosis[] = [loss, outbox, dlq];
