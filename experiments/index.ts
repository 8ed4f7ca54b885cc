import { UserError } from '../infra/errors.ts';
import type { Text } from '../infra/text.ts';
import { outboxRelay } from './E-001-outbox-relay.ts';
import type { Experiment } from './harness/define.ts';
import type { Expectation } from './harness/verdict.ts';

/** Every experiment. A new one is its two files and a line here; all of it is data, so listing them loads no client. */
const experiments: readonly Experiment[] = [outboxRelay];

export interface ExperimentSummary {
  readonly id: string;
  readonly title: Text;
  readonly needs: Experiment['needs'];
  /** Goal for a fast run. */
  readonly secondsFast: number;
  readonly document: string;
  readonly arms: readonly { readonly name: string; readonly title: Text; readonly expects: Expectation }[];
}

export function listExperiments(): readonly ExperimentSummary[] {
  return experiments.map(({ id, title, needs, secondsFast, document, arms }) => ({
    id,
    title,
    needs,
    secondsFast,
    document,
    arms: arms.map((arm) => ({ name: arm.name, title: arm.title, expects: arm.expects })),
  }));
}

/** By id, in any case: `e-001` is E-001. @throws UserError naming the ones there are. */
export function findExperiment(id: string): Experiment {
  const found = experiments.find((experiment) => experiment.id === id.toUpperCase());
  if (found !== undefined) return found;
  const ids = experiments.map((experiment) => experiment.id).join(', ');
  throw new UserError(
    { ko: `${id}라는 실험은 없습니다`, en: `there is no experiment ${id}` },
    { why: { ko: `있는 것: ${ids}`, en: `there are ${ids}` }, tryThis: ['labctl exp list'] },
  );
}
