import { RefusedError } from '../../infra/errors.ts';
import { command } from '../command.ts';

/** Probes that stand beside the charts, and what of their tables. */
const tableColumns: Readonly<Record<string, readonly string[]>> = {
  'stack.health': ['ENGINE', 'SERVES', 'LATENCY MS', 'DETAIL'],
  'workers.health': ['WORKER', 'LAST BEAT MS', 'FINDINGS'],
};

export const top = command({
  path: ['top'],
  summary: { ko: '벽에 걸어 두는 화면: 흐름, 밀린 것, 엔진', en: 'a wallboard: flow, backlog, engines' },
  impact: 'read',
  details: { ko: '끝내기: q', en: 'To leave it: q' },
  fields: {},
  async run(_input, context) {
    if (!context.terminal.interactive) {
      throw new RefusedError(
        { ko: 'top은 터미널에서만 그릴 수 있습니다', en: 'top draws on a terminal only' },
        { tryThis: ['labctl tui --once', 'labctl get stack.health -w'] },
      );
    }
    const [{ probes }, { createProbeStore }, { startSampler }, { runBoard }] = await Promise.all([
      import('../../infra/probes/index.ts'),
      import('../../infra/probes/store.ts'),
      import('../../infra/probes/sampler.ts'),
      import('../wallboard/board.ts'),
    ]);
    const target = await context.openTarget();
    const store = createProbeStore();
    const sampler = startSampler({ target, probes, sink: store, clock: context.clock });
    try {
      const tables = probes.flatMap((probe) => {
        const columns = tableColumns[probe.id];
        return columns === undefined ? [] : [{ probe, columns }];
      });
      await runBoard({ store, tables, language: context.language, title: 'labctl top', signal: context.signal });
    } finally {
      await sampler.stop();
      await target.close();
    }
    return { schema: 'labctl.top/1' as const };
  },
  text: () => '',
});
