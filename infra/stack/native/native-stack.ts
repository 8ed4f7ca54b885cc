import type { Config } from '../../config.ts';
import { EngineError, RefusedError } from '../../errors.ts';
import { isAlive, isPaused, type ProcessIdentity, signalProcess, usageOf } from '../../process.ts';
import { holdingStack } from '../holding-stack.ts';
import { logLines } from '../log-lines.ts';
import { nodesOfEngine, onDemandEngines } from '../on-demand.ts';
import { portsFor } from '../ports.ts';
import { type NodeName, type NodeStatus, nodeNames, type OnStackEvent, type Stack } from '../stack.ts';
import { type Layout, layoutOf, makeLayout } from './layout.ts';
import { readRecord } from './node-record.ts';
import { waitUntilGone } from './process-end.ts';
import { startNodes, startOne } from './start-nodes.ts';
import { startOnDemand } from './start-on-demand.ts';
import { stopNodes, stopOne } from './stop-nodes.ts';

/**
 * Real engines as plain processes: daemons that outlive the command, known by pid and start time.
 * @param env where engines of this machine are looked for: PATH, JAVA_HOME.
 */
export function createNativeStack(config: Config, env: NodeJS.ProcessEnv = process.env): Stack {
  const ports = portsFor(config.portOffset);
  const layout = layoutOf(config.stateDir);

  const locked = (work: () => Promise<void>, onEvent: OnStackEvent, signal?: AbortSignal): Promise<void> => {
    makeLayout(layout);
    return holdingStack(layout.lockFile, work, { language: config.language, onEvent, signal });
  };

  return {
    driver: 'native',
    up: (onEvent, signal) => locked(() => startNodes({ config, layout, ports, env, onEvent, signal }), onEvent, signal),
    ensure: (engine, onEvent, signal) =>
      locked(() => startOnDemand(engine, { config, layout, ports, env, onEvent, signal }), onEvent, signal),
    down: (options, onEvent) => locked(() => stopNodes(layout, options, onEvent), onEvent),
    start: (node, signal) =>
      locked(
        () => startOne(node, { config, layout, ports, env, onEvent() {}, signal }),
        () => {},
        signal,
      ),
    status: () => Promise.all(nodesToShow(layout).map((node) => statusOf(node, layout, ports[node]))),
    kill: (node) => killNode(node, layout),
    stop: (node, signal) =>
      locked(
        () => stopOne(layout, node, () => {}),
        () => {},
        signal,
      ),
    async pause(node) {
      await signalNode(node, layout, 'SIGSTOP');
    },
    async resume(node) {
      const record = readRecord(layout, node);
      // Unasked: where there is no /proc nobody sees that it is paused, and to one that runs it means nothing.
      if (record !== undefined) await signalProcess(record.process, 'SIGCONT');
    },
    endpoint: (node) => ({ host: '127.0.0.1', port: ports[node] }),
    logs: (node, options) => logLines(layout.logFile(node), node, options),
  };
}

/** An engine of which one node was started shows them all: what is missing of it is what one wants to see. */
function nodesToShow(layout: Layout): readonly NodeName[] {
  const started = onDemandEngines.map(nodesOfEngine).filter((nodes) => nodes.some((node) => readRecord(layout, node)));
  return [...nodeNames, ...started.flat()];
}

async function statusOf(node: NodeName, layout: Layout, port: number): Promise<NodeStatus> {
  const record = readRecord(layout, node);
  const known = { node, port, logFile: layout.logFile(node) };
  if (record === undefined) return { ...known, state: 'stopped' };
  const { process, version } = record;
  if (!(await isAlive(process))) return { ...known, state: 'dead', version, process };
  const usage = usageOf(process.pid);
  const state = isPaused(process) ? 'paused' : 'running';
  return { ...known, state, version, process, ...(usage === undefined ? {} : { usage }) };
}

/** @throws RefusedError when the node does not run. */
async function signalNode(node: NodeName, layout: Layout, signal: NodeJS.Signals): Promise<ProcessIdentity> {
  const record = readRecord(layout, node);
  if (record !== undefined && (await signalProcess(record.process, signal))) return record.process;
  throw new RefusedError(
    { ko: `${node}은(는) 실행 중이 아닙니다`, en: `${node} does not run` },
    { tryThis: ['labctl status', 'labctl up'] },
  );
}

/** Returns when the process is gone, so that whoever kills may start it again at once. */
async function killNode(node: NodeName, layout: Layout): Promise<void> {
  const process = await signalNode(node, layout, 'SIGKILL');
  if (await waitUntilGone(process, 10_000)) return;
  throw new EngineError('machine', {
    ko: `${node} 프로세스(pid ${process.pid})가 SIGKILL 뒤에도 남아 있습니다`,
    en: `${node} (pid ${process.pid}) is still there after SIGKILL`,
  });
}
