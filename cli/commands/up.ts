import type { NodeStatus } from '../../infra/stack/stack.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { hidden, textOption } from '../fields.ts';
import { stackProgress } from '../output/stack-progress.ts';
import { durationText } from '../output/units.ts';
import { rateOption, rateText } from '../rate.ts';

interface UpResult {
  readonly schema: 'labctl.up/1';
  readonly tookMs: number;
  readonly nodes: readonly NodeStatus[];
  readonly migrations: readonly string[];
  readonly topics: readonly string[];
  /** Transfers a second of the demo pipeline, where one was asked for. */
  readonly load?: number;
}

export const up = command({
  path: ['up'],
  summary: {
    ko: '엔진을 내려받아 시작하고 데이터베이스·토픽·스키마를 준비',
    en: 'fetch and start the engines, and prepare database, topics and schema',
  },
  impact: 'write',
  details: {
    ko: '이미 떠 있는 것은 그대로 두므로 몇 번이든 실행해도 됩니다.',
    en: 'Running it again is safe: what runs already is left alone.',
  },
  fields: {
    load: rateOption('--load <rate>', {
      ko: '준비되면 데모 이체도 시작 (예: 20/s)',
      en: 'then also start the demo transfers, for example 20/s',
    }),
    jsonEvents: hidden(textOption('--json-events <file>', { ko: '진행을 파일로', en: 'progress into a file' })),
  },
  async run({ load, jsonEvents }, context) {
    if (jsonEvents === undefined) return bringUpLab(context, load, liveProgress(context));
    const { upEventFile } = await import('../up-events.ts');
    const file = upEventFile(jsonEvents);
    try {
      const result = await bringUpLab(context, load, file.event);
      file.finished();
      return result;
    } catch (error) {
      file.failed(error, context.language);
      throw error;
    }
  },
  text({ nodes, tookMs, load }, { language }) {
    const { host, port } = { host: '127.0.0.1', port: nodes.find(({ node }) => node === 'mysql')?.port ?? 0 };
    const took = durationText(tookMs);
    const mysql = `mysql -h ${host} -P ${port} -u root -proot lab`;
    return language === 'ko'
      ? [
          `랩이 준비되었습니다: 노드 ${nodes.length}개, ${took}`,
          ...(load === undefined ? [] : [`데모 이체 ${rateText(load)}`]),
          '',
          '  화면        labctl tui',
          `  데이터베이스  eval "$(labctl env)" 후 ${mysql}`,
          '  첫 실험      labctl exp run E-001 --fast',
        ].join('\n')
      : [
          `The lab is up: ${nodes.length} nodes in ${took}`,
          ...(load === undefined ? [] : [`Demo transfers at ${rateText(load)}`]),
          '',
          '  console    labctl tui',
          `  database   eval "$(labctl env)", then ${mysql}`,
          '  try        labctl exp run E-001 --fast',
        ].join('\n');
  },
});

type OnEvent = ReturnType<typeof stackProgress>;

function liveProgress({ language, clock, terminal, say }: Context): OnEvent {
  return stackProgress({ language, clock, live: terminal.stderrIsTty, print: say });
}

async function bringUpLab(context: Context, load: number | undefined, onEvent: OnEvent): Promise<UpResult> {
  const startedMs = context.clock.monotonic();
  const [{ bringUp }, { scopeOf }, config, endpoints, stack] = await Promise.all([
    import('../../infra/stack/bring-up.ts'),
    import('../../infra/contract/scope.ts'),
    context.config(),
    context.endpoints(),
    context.stack(),
  ]);
  const { nodes, prepared } = await bringUp({ stack, endpoints, scope: scopeOf(''), onEvent, signal: context.signal });
  if (load !== undefined) {
    const { startDemo } = await import('../../workers/supervisor/demo.ts');
    await startDemo({ config, endpoints, transfersPerSecond: load });
    onEvent({ kind: 'note', note: `demo pipeline: ${rateText(load)}` });
  }
  return {
    schema: 'labctl.up/1',
    tookMs: Math.round(context.clock.monotonic() - startedMs),
    nodes,
    ...prepared,
    ...(load === undefined ? {} : { load }),
  };
}
