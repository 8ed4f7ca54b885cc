import { type FailureRule, usableFailureRules } from '../domain/failure-rules.ts';
import type { WorkerContext } from './worker.ts';

/** The failure rules of a worker; own ones that cannot be used are a finding of it. */
export function failureRulesOf(
  { report }: Pick<WorkerContext, 'report'>,
  ownFile: string | undefined,
): Promise<readonly FailureRule[]> {
  return usableFailureRules(ownFile, ({ message, why }) =>
    report({ key: 'failure-rules', message: `${message}: ${why}; only the shipped rules are used` }),
  );
}
