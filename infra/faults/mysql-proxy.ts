import { within } from '../clock.ts';
import { EngineError } from '../errors.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { openProxy, orderProxy, type ProxySettings } from '../mysql/proxy/settings.ts';
import { layoutOf } from '../stack/native/layout.ts';
import { proxyControlSocket } from '../stack/native/nodes/mysql-proxy-node.ts';
import type { Endpoints } from '../stack/stack.ts';
import type { FaultLab } from './fault.ts';
import { claimOf } from './node-recovery.ts';

/** The network before MySQL, for those who connect through the proxy; everybody else is left alone. */

export const proxyClaims: readonly string[] = ['mysql-proxy', claimOf('mysql-proxy')];

const startTimeoutMs = 60_000;
const answerTimeoutMs = 8_000;

/**
 * The proxy runs and is what these endpoints name as MySQL: for the workers of a scope that wants its faults.
 * @throws EngineError
 */
export async function throughMysqlProxy({ stack, endpoints }: FaultLab): Promise<Endpoints> {
  await stack.start('mysql-proxy', AbortSignal.timeout(startTimeoutMs));
  return { ...endpoints, mysql: { ...endpoints.mysql, ...stack.endpoint('mysql-proxy') } };
}

/** It opens by itself at `untilMs`, whoever is left to order it. @throws EngineError */
export async function disturbMysql(lab: FaultLab, set: ProxySettings, untilMs: number): Promise<void> {
  await throughMysqlProxy(lab);
  const forMs = Math.max(1, untilMs - lab.clock.now());
  await orderProxy(controlOf(lab), { set, forMs });
}

/** Opens it, and where MySQL runs asks that through it. @throws EngineError */
export async function openMysql(lab: FaultLab): Promise<void> {
  const { mysql: endpoint } = await throughMysqlProxy(lab);
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
