import { z } from 'zod';
import { faultKind } from './fault.ts';
import { disturbMysql, openMysql, proxyClaims, requireMysqlProxy } from './mysql-proxy.ts';

/** A slow network to MySQL: each round trip through mysql-proxy takes so much longer. */
export const mysqlLatency = faultKind({
  kind: 'mysql-latency',
  parameters: z.object({ latencyMs: z.number().min(0), jitterMs: z.number().min(0) }),
  target: () => 'mysql-proxy',
  does: ({ latencyMs, jitterMs }) => {
    const range = jitterMs === 0 ? `${latencyMs} ms` : `${latencyMs}–${latencyMs + jitterMs} ms`;
    return { ko: `왕복마다 ${range} 지연`, en: `${range} more for each round trip` };
  },
  claims: () => proxyClaims,
  check: (_, lab) => requireMysqlProxy(lab),
  inject: (parameters, lab, forMs, signal) => disturbMysql(lab, { mode: 'open', ...parameters }, { forMs, signal }),
  heal: (_, lab, _phase, signal) => openMysql(lab, signal),
});
