import { command } from '../command.ts';
import { faultText, forOption, mysqlProxyDetails, orderFault } from '../fault-order.ts';
import { flag } from '../fields.ts';

export const faultMysqlCut = command({
  path: ['fault', 'mysql-cut'],
  summary: { ko: 'mysql-proxy를 지나는 연결을 끊음', en: 'cut every connection through mysql-proxy' },
  impact: 'write',
  details: mysqlProxyDetails,
  fields: {
    silent: flag('--silent', {
      ko: '끊지 않고 아무것도 오가지 않게',
      en: 'nothing is reset; nothing arrives, as behind a firewall that drops',
    }),
    forMs: forOption,
  },
  run: ({ silent, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const { mysqlCut } = await import('../../infra/faults/mysql-cut.ts');
      return mysqlCut.of({ mode: silent ? 'silent' : 'cut' });
    }),
  text: (result, { language }) => faultText(result, language),
});
