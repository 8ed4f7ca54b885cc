import { command } from '../command.ts';
import { durationArgument, durationOption } from '../duration.ts';
import { faultText, forOption, mysqlProxyDetails, orderFault } from '../fault-order.ts';

const latencyBounds = { minMs: 1, maxMs: 60_000 };

export const faultMysqlLatency = command({
  path: ['fault', 'mysql-latency'],
  summary: { ko: 'mysql-proxy를 지나는 왕복을 느리게', en: 'make each round trip through mysql-proxy slower' },
  impact: 'write',
  details: mysqlProxyDetails,
  fields: {
    latencyMs: durationArgument('<time>', latencyBounds, {
      ko: '왕복마다 더할 시간: 200ms',
      en: 'added to each: 200ms',
    }),
    jitterMs: durationOption(
      '--jitter <time>',
      { fallbackMs: 0, ...latencyBounds },
      { ko: '여기까지 무작위로 더함 (순서는 그대로)', en: 'up to so much on top, at random; the order is kept' },
    ),
    forMs: forOption,
  },
  run: ({ latencyMs, jitterMs, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const { mysqlLatency } = await import('../../infra/faults/mysql-latency.ts');
      return mysqlLatency.of({ latencyMs, jitterMs });
    }),
  text: (result, { language }) => faultText(result, language),
});
