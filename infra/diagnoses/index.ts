import { checks } from './checks.ts';
import { deadlock } from './deadlock.ts';
import type { Diagnosis } from './diagnosis.ts';
import { dlq } from './dlq.ts';
export const diagnoses: readonly Diagnosis[] = [
  dlq,
  checks,
  deadlock,
  mysql,
  duplicates,
  projection,
];
