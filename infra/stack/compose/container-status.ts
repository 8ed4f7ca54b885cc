import { RefusedError } from '../../errors.ts';
import type { Ports } from '../ports.ts';
import { type NodeName, type NodeStatus, nodeNames } from '../stack.ts';
import type { Compose } from './docker.ts';
import { clusterMembers, memberCommand, serviceOf } from './node-place.ts';
import { type Container, parseContainers, parseMemberStates, stateOf, versionOf } from './ps-output.ts';

const callTimeoutMs = 60_000;

/** Of every node of the lab, as `Stack.status` has it. */
export async function statusesOf(compose: Compose, ports: Ports): Promise<readonly NodeStatus[]> {
  const containers = await containersOf(compose);
  const core = nodeNames.map((node) => statusOf(node, ports[node], containers.get(node)));
  return [...core, ...(await startedOnDemand(containers, { compose, ports }))];
}

/** By service. */
export async function containersOf(compose: Compose): Promise<ReadonlyMap<string, Container>> {
  const output = await compose.call(['ps', '--all', '--format', 'json'], { timeoutMs: callTimeoutMs });
  return new Map(parseContainers(output).map((container) => [container.Service, container]));
}

function statusOf(node: NodeName, port: number, container: Container | undefined): NodeStatus {
  const version = container === undefined ? undefined : versionOf(container);
  return { node, port, state: stateOf(container), ...(version === undefined ? {} : { version }) };
}

/** On-demand engines whose container exists; of the cluster's container every server by itself. */
async function startedOnDemand(
  containers: ReadonlyMap<string, Container>,
  { compose, ports }: { readonly compose: Compose; readonly ports: Ports },
): Promise<readonly NodeStatus[]> {
  const prometheus = containers.get('prometheus');
  const cluster = containers.get('redis-cluster');
  return [
    ...(cluster === undefined ? [] : await memberStatuses(cluster, { compose, ports })),
    ...(prometheus === undefined ? [] : [statusOf('prometheus', ports.prometheus, prometheus)]),
  ];
}

async function memberStatuses(
  container: Container,
  { compose, ports }: { readonly compose: Compose; readonly ports: Ports },
): Promise<readonly NodeStatus[]> {
  const whole = clusterMembers.map((node) => statusOf(node, ports[node], container));
  if (stateOf(container) !== 'running') return whole;
  const states = await memberStatesOf(compose, ports);
  return whole.map((status) => ({ ...status, state: states.get(status.node) ?? status.state }));
}

/** Of the servers in the cluster's container, which must run. */
export async function memberStatesOf(
  compose: Compose,
  ports: Ports,
): Promise<ReadonlyMap<NodeName, NodeStatus['state']>> {
  const asked = memberCommand(
    'state',
    clusterMembers.map((node) => ports[node]),
  );
  const states = parseMemberStates(await compose.call(asked, { timeoutMs: callTimeoutMs }));
  return new Map(clusterMembers.flatMap((node, index) => (states[index] === undefined ? [] : [[node, states[index]]])));
}

/** @throws RefusedError when it does not, be it a container or one server of the six in the cluster's. */
export async function requireRunning(node: NodeName, compose: Compose, ports: Ports): Promise<NodeStatus['state']> {
  const container = stateOf((await containersOf(compose)).get(serviceOf(node)));
  const isMember = container === 'running' && clusterMembers.some((member) => member === node);
  const state = isMember ? (await memberStatesOf(compose, ports)).get(node) : container;
  if (state === 'running' || state === 'paused') return state;
  throw new RefusedError(
    { ko: `${node}은(는) 실행 중이 아닙니다`, en: `${node} does not run` },
    { tryThis: ['labctl status', 'labctl up'] },
  );
}
