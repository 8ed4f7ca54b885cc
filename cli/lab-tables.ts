import { hostname, userInfo } from 'node:os';
import { DescribedError, EngineError } from '../infra/errors.ts';
import type { Connection } from '../infra/mysql/pool.ts';
import { notMapped, notPermitted, UnknownValue } from '../infra/probes/reading.ts';
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

/**
 * Works on a connection to the lab's database that may write, and closes it.
 * @throws EngineError when MySQL cannot be reached, fails, or has no such tables yet; whatever `work` throws.
 */
export async function withLabConnection<T>(context: Context, work: (connection: Connection) => Promise<T>): Promise<T> {
  const [{ errnoOf, mysqlConnection, mysqlError }, endpoints, target] = await Promise.all([
    import('../infra/mysql/pool.ts'),
    context.endpoints(),
    context.openTarget(),
  ]);
  await target.close(); // its clients only read; what things are called stays true
  const { roles } = target;
  const options = { endpoint: endpoints.mysql, database: roles.database, owner: operator() };
  const connection = await mysqlConnection(options);
  try {
    return await work(connection);
  } catch (error) {
    if (errnoOf(error) === noSuchTable) throw lacking(new UnknownValue(notMapped));
    throw isOfMysql(error) ? mysqlError(error, endpoints.mysql) : error;
  } finally {
    connection.destroy();
  }
}

const noSuchTable = 1146;

/** Its errors carry a code, those of a broken connection too; ours and bugs of ours do not. */
const isOfMysql = (error: unknown): boolean =>
  !(error instanceof DescribedError) && typeof (error as { code?: unknown }).code === 'string';

/** Who decides: `user@host`. */
export const operator = (): string => `${userInfo().username}@${hostname()}`;

function lacking({ message }: UnknownValue): EngineError {
  if (message.startsWith(notPermitted)) {
    return new EngineError('mysql', { ko: '이 계정에는 읽을 권한이 없습니다', en: 'this account may not read it' });
  }
  return new EngineError(
    'mysql',
    { ko: '랩의 테이블이 아직 없습니다', en: 'the tables of the lab are not there yet' },
    { tryThis: ['labctl up'] },
  );
}
