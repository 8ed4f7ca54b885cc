import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { faultLabOf } from '../fault-order.ts';
import { flag } from '../fields.ts';
import { rateArgument, rateText } from '../rate.ts';
import { shareOption } from '../share.ts';

export const loadRun = command({
  path: ['load'],
  summary: {
    ko: '데모 이체를 이 속도로 시작하거나 속도를 바꿈',
    en: 'start the demo transfers at this rate, or change it',
  },
  impact: 'write',
  details: {
    ko: '이체는 뒤에서 계속 돕니다. 끝내기: labctl load stop\n--bad는 해독할 수 없는 바이트, 없는 계좌, fx-rates가 필요한 이벤트, 정정 이벤트를 고루 심습니다. 뒤의 둘은 의존성이나 배포가 고장 났을 때만 실패합니다.',
    en: 'The transfers go on in the background. To end them: labctl load stop\n--bad plants bytes that nobody can decode, unknown accounts, events that need fx-rates and corrections, in equal parts; the last two fail only while the dependency is off or the bad build deployed.',
  },
  fields: {
    rate: rateArgument('<rate>', { ko: '초당 이체 수: 200/s', en: 'transfers a second: 200/s' }),
    bad: shareOption('--bad <share>', {
      ko: '처리할 수 없는 이벤트를 담은 이체의 비율: 5%',
      en: 'share of transfers with an event that cannot be handled: 5%',
    }),
    proxied: flag('--mysql-proxy', {
      ko: '워커가 mysql-proxy를 거쳐 MySQL에 접속 (labctl fault mysql-latency, mysql-cut의 대상)',
      en: 'the workers reach MySQL through mysql-proxy, where labctl fault mysql-latency and mysql-cut meet them',
    }),
  },
  async run({ rate, bad, proxied }, context) {
    const [{ startDemo }, { loadFailureRules }] = await Promise.all([
      import('../../workers/supervisor/demo.ts'),
      import('../../workers/domain/failure-rules.ts'),
    ]);
    // Before anything is stopped: a mistake in own rules is the operator's to mend.
    await loadFailureRules((await context.config()).failureRulesFile);
    const demo = await startDemo({
      config: await context.config(),
      endpoints: proxied ? await proxiedEndpoints(context) : await context.endpoints(),
      transfersPerSecond: rate,
      badShare: bad,
    });
    return { schema: 'labctl.load/1' as const, badShare: bad, ...demo };
  },
  text: ({ transfersPerSecond = 0, logDir }, { language }) =>
    language === 'ko'
      ? `데모 이체가 ${rateText(transfersPerSecond)}로 돌고 있습니다 (로그: ${logDir})`
      : `Demo transfers run at ${rateText(transfersPerSecond)} (logs: ${logDir})`,
});

async function proxiedEndpoints(context: Context) {
  const { throughMysqlProxy } = await import('../../infra/faults/mysql-proxy.ts');
  return throughMysqlProxy(await faultLabOf(context));
}
