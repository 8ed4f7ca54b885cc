import type { z } from 'zod';
import type { Text } from '../../infra/text.ts';
import type { CheckOutcome } from './checkers/checker.ts';
import type { ComparedDiagnosis } from './diagnosed.ts';
import type { GateCheck } from './gate.ts';
import type { armResult } from './result.ts';
import type { WitnessOutcome } from './witnesses.ts';

/** An arm's result with what people want to know behind it: which check, which rows, which witness was too little. */
export interface ArmDetail {
  readonly title: Text;
  readonly result: z.infer<typeof armResult>;
  /** Why the verdict is not a plain one. */
  readonly reasons: readonly string[];
  readonly checks: readonly CheckDetail[];
  readonly witnesses: readonly WitnessOutcome[];
  readonly diagnosed: readonly ComparedDiagnosis[];
  readonly gate: readonly GateCheck[];
  readonly durationMs: number;
}

interface CheckDetail extends CheckOutcome {
  readonly name: string;
  readonly title: Text;
  readonly labels: Readonly<Record<string, Text>>;
}
