import { UserError } from '../../errors.ts';
import type { LogOptions } from '../stack.ts';
import { containersOf } from './container-status.ts';
import type { Compose } from './docker.ts';

/** @throws UserError for a service that has no container; EngineError with Docker's own words. */
export async function* containerLogs(
  service: string,
  compose: Compose,
  { lines, follow, signal }: LogOptions,
): AsyncGenerator<string> {
  if (!(await containersOf(compose)).has(service)) throw noLogYet(service);
  const options = ['--no-color', '--no-log-prefix', '--tail', String(lines), ...(follow ? ['--follow'] : [])];
  yield* compose.lines(['logs', ...options, service], signal);
}

function noLogYet(service: string): UserError {
  return new UserError(
    { ko: `${service}은(는) 아직 로그를 쓰지 않았습니다`, en: `${service} has written no log yet` },
    {
      why: { ko: `${service} 컨테이너가 없습니다`, en: `there is no container of ${service}` },
      tryThis: ['labctl up', 'labctl status'],
    },
  );
}
