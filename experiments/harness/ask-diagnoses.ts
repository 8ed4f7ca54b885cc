import { diagnoses } from '../../infra/diagnoses/index.ts';
import { diagnose } from '../../infra/diagnoses/run.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';
import { labTarget } from '../../infra/target.ts';
import type { RecordedAnswer } from './diagnosed-answer.ts';

/** Asks each of these diagnoses about the scope. It throws only for an abort: what went wrong is the reason of an unknown answer. */
export async function askDiagnoses(
  endpoints: Endpoints,
  scope: string,
  { ids, signal }: { readonly ids: readonly string[]; readonly signal: AbortSignal },
): Promise<RecordedAnswer[]> {
  const target = labTarget(endpoints, scope);
  try {
    const answers: RecordedAnswer[] = [];
    for (const diagnosis of diagnoses.filter(({ id }) => ids.includes(id))) {
      const { status, counts, findings, reason } = await diagnose({ diagnosis, target, signal });
      answers.push({
        diagnosis: diagnosis.id,
        status,
        counts: { ...counts },
        findings: findings.map(({ key, kind }) => ({ key, kind })),
        ...(reason === undefined ? {} : { reason }),
      });
    }
    return answers;
  } finally {
    await target.close();
  }
}
