import { EngineError } from '../infra/errors.ts';
import { notPermitted, UnknownValue } from '../infra/probes/reading.ts';
import type { Target } from '../infra/target.ts';
import type { Context } from './context.ts';

/**
 * Works on the lab's target and closes it. What the lab lacks is said as its problem.
 * @throws EngineError when MySQL cannot be reached or has no such tables yet; whatever `work` throws.
 */
export async function onLab<T>(context: Context, work: (target: Target) => Promise<T>): Promise<T> {
  const target = await context.openTarget();
  try {
    return await work(target);
  } catch (error) {
    throw error instanceof UnknownValue ? lacking(error) : error;
  } finally {
    await target.close();
  }
}

function lacking({ message }: UnknownValue): EngineError {
  if (message === notPermitted) {
    return new EngineError('mysql', { ko: '이 계정에는 읽을 권한이 없습니다', en: 'this account may not read it' });
  }
  return new EngineError(
    'mysql',
    { ko: '랩의 테이블이 아직 없습니다', en: 'the tables of the lab are not there yet' },
    { tryThis: ['labctl up'] },
  );
}
