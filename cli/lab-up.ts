import { messageOf } from '../infra/errors.ts';
import { faultsFolder, leaseIds } from '../infra/faults/folder.ts';
import type { OnDemandEngine } from '../infra/stack/on-demand.ts';
import type { Driver, NodeStatus, OnStackEvent } from '../infra/stack/stack.ts';
import { type Language, say, type Text } from '../infra/text.ts';
import type { Context } from './context.ts';
import { faultLabOf } from './fault-order.ts';
import { type ExitCode, exitCodes } from './output/exit-codes.ts';
import { stackProgress } from './output/stack-progress.ts';
import { durationText } from './output/units.ts';
import { rateText } from './rate.ts';

/** Of trying to heal each fault when all nodes are up. */
const faultLimitMs = 30_000;

export interface UpResult {
  readonly schema: 'labctl.up/1';
  readonly driver: Driver;
  readonly tookMs: number;
  readonly nodes: readonly NodeStatus[];
  readonly migrations: readonly string[];
  readonly topics: readonly string[];
  /** Faults that were active and could not be healed; they are tried again. */
  readonly faultsLeft: readonly { readonly id: string; readonly error: string }[];
  /** Transfers a second of the demo pipeline, where one was asked for. */
  readonly load?: number;
}

export interface LabWish {
  /** Transfers a second of the demo; absent: the demo is left as it is. */
  readonly load?: number | undefined;
  /** On-demand engines to start too. */
  readonly engines?: readonly OnDemandEngine[];
  readonly driver?: Driver | undefined;
}

/**
 * Engines, database, topics, schema, and where a load is asked for the demo pipeline. What runs already is left alone.
 * @throws EngineError, RefusedError or UserError of the stack; InterruptedError.
 */
export async function bringUpLab(
  context: Context,
  { load, driver, engines = [] }: LabWish,
  onEvent: OnStackEvent,
): Promise<UpResult> {
  const startedMs = context.clock.monotonic();
  const [{ bringUp }, { labScopeName, scopeOf }, endpoints, stack] = await Promise.all([
    import('../infra/stack/bring-up.ts'),
    import('../infra/contract/scope.ts'),
    context.endpoints(),
    context.stackToBringUp(driver),
  ]);
  const scope = scopeOf(labScopeName);
  const { resumePaused } = await import('../infra/faults/end-leases.ts');
  await resumePaused(stack);
  const { nodes, prepared } = await bringUp({
    stack,
    endpoints,
    scope,
    engines,
    onEvent,
    language: context.language,
    signal: context.signal,
  });
  const faultsLeft = await healFaults(context, onEvent);
  if (load !== undefined) await ensureDemo(context, load, onEvent);
  return {
    schema: 'labctl.up/1',
    driver: stack.driver,
    tookMs: Math.round(context.clock.monotonic() - startedMs),
    nodes,
    ...prepared,
    faultsLeft,
    ...(load === undefined ? {} : { load }),
  };
}

/** What was broken on purpose runs again by now; here it is verified, and the leases end. */
async function healFaults(context: Context, onEvent: OnStackEvent): Promise<UpResult['faultsLeft']> {
  const { stateDir } = await context.config();
  if (leaseIds(faultsFolder(stateDir)).length === 0) return [];
  const [{ healLeases }, { storeOf }, lab] = await Promise.all([
    import('../infra/faults/heal-leases.ts'),
    import('../infra/faults/healing.ts'),
    faultLabOf(context),
  ]);
  const { leases, unreadable } = storeOf(lab).survey();
  const left = unreadable.map(({ id, error }) => ({ id, error: error.message }));
  for await (const result of healLeases(leases, lab, faultLimitMs)) {
    if (result.state === 'failed') left.push({ id: result.id, error: messageOf(result.error) });
    else onEvent({ kind: 'note', note: say(healedText(result.id), context.language) });
  }
  for (const one of left) onEvent({ kind: 'note', note: say(notHealedText(one), context.language) });
  return left;
}

const healedText = (id: string): Text => ({ ko: `장애를 치유했습니다: ${id}`, en: `fault healed: ${id}` });

const notHealedText = ({ id, error }: UpResult['faultsLeft'][number]): Text => ({
  ko: `장애 ${id}을(를) 치유하지 못했습니다: ${error}`,
  en: `fault ${id} could not be healed: ${error}`,
});

export const exitCodeOfUp = ({ faultsLeft }: UpResult): ExitCode =>
  faultsLeft.length === 0 ? exitCodes.ok : exitCodes.cleanupFailed;

async function ensureDemo(context: Context, load: number, onEvent: OnStackEvent): Promise<void> {
  const { demoStatus, startDemo } = await import('../workers/supervisor/demo.ts');
  const config = await context.config();
  const { running, transfersPerSecond } = await demoStatus(config);
  if (running && transfersPerSecond === load) return;
  await startDemo({ config, endpoints: await context.endpoints(), transfersPerSecond: load });
  const words = { ko: `데모 이체: ${rateText(load)}`, en: `demo pipeline: ${rateText(load)}` };
  onEvent({ kind: 'note', note: say(words, context.language) });
}

/** Progress of `up` and `down` as lines on stderr. */
export function progressOf({ language, clock, terminal, say }: Context): OnStackEvent {
  return stackProgress({ language, clock, live: terminal.stderrIsTty, print: say });
}

export function upText({ nodes, tookMs, load, driver, faultsLeft }: UpResult, language: Language): string {
  const port = nodes.find(({ node }) => node === 'mysql')?.port;
  const mysql = `mysql -h 127.0.0.1 -P ${port} -u root -proot lab`;
  // The clients that `labctl env` puts on the PATH come with the engines that native fetches.
  const database = driver === 'native' ? `eval "$(labctl env)"; ${mysql}` : mysql;
  const took = durationText(tookMs);
  const rate = load === undefined ? undefined : rateText(load);
  const cluster = nodes.find(({ node }) => node === 'redis-cluster-1');
  const prometheus = nodes.find(({ node }) => node === 'prometheus');
  const started = [
    ...(cluster === undefined ? [] : [`  Redis Cluster eval "$(labctl env)"; redis-cli -c -p ${cluster.port}`]),
    ...(prometheus === undefined ? [] : [`  Prometheus    curl '127.0.0.1:${prometheus.port}/api/v1/query?query=up'`]),
  ];
  const lines = {
    ko: [
      `랩이 준비되었습니다: 노드 ${nodes.length}개, ${took}${rate === undefined ? '' : `, 데모 이체 ${rate}`}`,
      '',
      '  화면          labctl tui',
      '  첫 실험       labctl exp run E-001 --fast',
      `  데이터베이스  ${database}`,
    ],
    en: [
      `The lab is up: ${nodes.length} nodes, ${took}${rate === undefined ? '' : `, demo transfers at ${rate}`}`,
      '',
      '  console       labctl tui',
      '  first run     labctl exp run E-001 --fast',
      `  database      ${database}`,
    ],
  };
  const left = faultsLeft.map((one) => say(notHealedText(one), language));
  return [...lines[language], ...started, ...(left.length === 0 ? [] : ['', ...left])].join('\n');
}
