import type { Reclassified } from '../workers/dlq-indexer/reclassify.ts';
import type { Context } from './context.ts';
import { withLabConnection } from './lab-tables.ts';

/** Judges the lab's index of dead letters by the rules of now. @throws UserError for rules that cannot be used. */
export async function reclassifyLab(context: Context, options: { readonly apply: boolean }): Promise<Reclassified> {
  const [{ loadFailureRules }, { reclassify }, { failureRulesFile }] = await Promise.all([
    import('../workers/domain/failure-rules.ts'),
    import('../workers/dlq-indexer/reclassify.ts'),
    context.config(),
  ]);
  const rules = await loadFailureRules(failureRulesFile);
  return withLabConnection(context, (connection) => reclassify(connection, rules, options));
}
