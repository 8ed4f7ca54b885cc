import type { Diagnosed } from '../../../infra/diagnoses/run.ts';
import type { Ask } from '../asking.ts';
import type { Mounted } from './mount.tsx';
import { open } from './opened.ts';
import { lossAnswer, notMappedAnswer, plantedAnswer, plantedDiagnoses, unknownAnswer } from './planted-diagnoses.ts';

const answers: Readonly<Record<string, () => Diagnosed>> = {
  loss: lossAnswer,
  redis: () => notMappedAnswer('redis'),
  mysql: () => unknownAnswer('mysql'),
};

/** The console on Diagnose; each question is answered as planted, or as the test says. */
export function diagnosing(options: Parameters<typeof open>[0] = {}): Promise<Mounted> {
  const ask: Ask = async (id) => (answers[id] ?? (() => plantedAnswer(id)))();
  return open({ screen: '4', diagnoses: plantedDiagnoses, ask, ...options });
}
export const never: Ask = () => new Promise(() => {});
