import { UserError } from '../errors.ts';
import { bug } from './bug.ts';
import { dependencyOff } from './dependency-off.ts';
import type { Fault, FaultKind } from './fault.ts';
import { frozenFollowers } from './frozen-followers.ts';
import { kill } from './kill.ts';
import type { FaultLease } from './lease.ts';
import { mysqlCut } from './mysql-cut.ts';
import { mysqlLatency } from './mysql-latency.ts';
import { pause } from './pause.ts';
import { poison } from './poison.ts';
import { restart } from './restart.ts';
import { slowConsumer } from './slow-consumer.ts';
import { stop } from './stop.ts';

/** Every way to break something; each heals by what its lease says. */
const faultKinds: readonly FaultKind[] = [
  kill,
  pause,
  stop,
  restart,
  frozenFollowers,
  slowConsumer,
  dependencyOff,
  bug,
  poison,
  mysqlLatency,
  mysqlCut,
];

/** @throws UserError for a kind that this labctl does not know; ZodError for parameters of another shape. */
export function reviveFault({ id, kind, parameters }: Pick<FaultLease, 'id' | 'kind' | 'parameters'>): Fault {
  const known = faultKinds.find((candidate) => candidate.kind === kind);
  if (known !== undefined) return known.revive(parameters);
  throw new UserError(
    { ko: `이 labctl은 장애 "${kind}"(${id})를 모릅니다`, en: `this labctl knows no fault "${kind}" (${id})` },
    { why: { ko: '다른 버전이 걸었습니다', en: 'another version injected it' }, tryThis: ['labctl down'] },
  );
}
