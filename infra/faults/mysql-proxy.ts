import { within } from '../clock.ts';
import { EngineError, InterruptedError, RefusedError } from '../errors.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { openProxy, orderProxy, type ProxySettings } from '../mysql/proxy/settings.ts';
import { layoutOf } from '../stack/native/layout.ts';
import { proxyControlSocket } from '../stack/native/nodes/mysql-proxy-node.ts';
import type { Endpoints } from '../stack/stack.ts';
import type { FaultLab } from './fault.ts';
import { claimOf, requireRunning } from './node-recovery.ts';

/** The network before MySQL, for those who connect through the proxy; everybody else is left alone. */

export const proxyClaims: readonly string[] = ['mysql-proxy', claimOf('mysql-proxy')];

const startTimeoutMs = 60_000;
const answerTimeoutMs = 8_000;

/**
 * The proxy runs and is what these endpoints name as MySQL: for the workers of a scope that wants its faults.
 * @throws EngineError
 */
export async function throughMysqlProxy(
  { stack, endpoints }: Pick<FaultLab, 'stack' | 'endpoints'>,
  signal?: AbortSignal,
): Promise<Endpoints> {
  const timeout = AbortSignal.timeout(startTimeoutMs);
  await stack.start('mysql-proxy', signal === undefined ? timeout : AbortSignal.any([timeout, signal]));
  return { ...endpoints, mysql: { ...endpoints.mysql, ...stack.endpoint('mysql-proxy') } };
}

/** @throws RefusedError where MySQL does not run, or is a container: there is no proxy before that one. */
export async function requireMysqlProxy(lab: FaultLab): Promise<void> {
  if (lab.stack.driver === 'native') return requireRunning('mysql', lab);
  throw new RefusedError(
    { ko: 'mysql-proxy는 native 드라이버에만 있습니다', en: 'mysql-proxy is there with the native driver only' },
    {
      why: { ko: `이 랩은 ${lab.stack.driver}로 돌고 있습니다`, en: `this lab is run by ${lab.stack.driver}` },
      tryThis: ['labctl fault pause mysql', 'labctl fault kill mysql'],
    },
  );
}

/** It opens by itself after `forMs`, whoever is left to order it. @throws EngineError */
export async function disturbMysql(
  lab: FaultLab,
  set: ProxySettings,
  { forMs, signal }: { readonly forMs: number; readonly signal: AbortSignal },
): Promise<void> {
  await throughMysqlProxy(lab, signal);
  if (signal.aborted) throw new InterruptedError();
  await orderProxy(controlOf(lab), { set, forMs });
}

/** Opens it, and where MySQL runs asks that through it. @throws EngineError */
export async function openMysql(lab: FaultLab, signal: AbortSignal): Promise<void> {
  const { mysql: endpoint } = await throughMysqlProxy(lab, signal);
  const { mode } = await orderProxy(controlOf(lab), { set: openProxy });
  if (mode !== 'open')
    throw new EngineError('mysql', { ko: 'mysql-proxy가 열리지 않습니다', en: 'mysql-proxy does not open' });
  const mysql = (await lab.stack.status()).find(({ node }) => node === 'mysql');
  if (mysql?.state !== 'running') return; // somebody else's fault, and another lease's
  const connected = mysqlConnection({ endpoint, owner: 'fault' });
  const connection = await within('MySQL through its proxy', answerTimeoutMs, connected, lab.clock);
  connection.destroy();
}

function controlOf({ config }: FaultLab): string {
  return proxyControlSocket(layoutOf(config.stateDir));
}
