import { z } from 'zod';
import { openProxy } from '../mysql/proxy/settings.ts';
import { faultKind } from './fault.ts';
import { disturbMysql, openMysql, proxyClaims, requireMysqlProxy } from './mysql-proxy.ts';

/** No network to MySQL through mysql-proxy. cut: every connection is reset. silent: nothing arrives, nothing is refused. */
export const mysqlCut = faultKind({
  kind: 'mysql-cut',
  parameters: z.object({ mode: z.enum(['cut', 'silent']) }),
  target: () => 'mysql-proxy',
  does: ({ mode }) =>
    mode === 'cut'
      ? { ko: '연결을 모두 끊고 새 연결도 거부', en: 'every connection is reset, new ones too' }
      : { ko: '연결은 그대로인데 아무것도 오가지 않음', en: 'connections stay, and nothing arrives' },
  claims: () => proxyClaims,
  check: (_, lab) => requireMysqlProxy(lab),
  inject: ({ mode }, lab, forMs, signal) => disturbMysql(lab, { ...openProxy, mode }, { forMs, signal }),
  heal: (_, lab, _phase, signal) => openMysql(lab, signal),
});
