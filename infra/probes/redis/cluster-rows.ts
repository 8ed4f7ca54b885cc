import type { ClusterFacts, RedisCluster } from './cluster.ts';

export function clusterRows({ cluster, keys }: RedisCluster): readonly (readonly string[])[] {
  const width = 8;
  const filled = (row: readonly string[]): readonly string[] => [...row, ...Array(width - row.length).fill('')];
  return [
    ['WHAT', 'NODE', 'ROLE', 'HEALTH', 'SLOTS', 'EPOCH', 'STATE', 'DETAIL'],
    ...(cluster.known ? factRows(cluster.value) : [['cluster', `? ${cluster.reason}`]]).map(filled),
    ...(keys?.places ?? []).map(({ key, slot, hashTag, node, isMoving }) => [
      'key',
      node ?? '-',
      '',
      isMoving ? 'moving' : '',
      String(slot),
      '',
      '',
      `${key}${hashTag === undefined ? '' : ` (hash tag ${hashTag})`}`,
    ]),
    ...(keys === undefined || keys.places.length < 2
      ? []
      : [filled(['keys', '', '', '', String(new Set(keys.places.map(({ slot }) => slot)).size), '', keys.verdict])]),
  ];
}

function factRows({ nodes, views, slots, epoch, failovers, moves }: ClusterFacts): readonly (readonly string[])[] {
  return [
    ...nodes.map(({ id, address, role, masterId, health, slots: own, epoch: ownEpoch, ranges }) => {
      const view = views.find((one) => one.address === address)?.view;
      const master = nodes.find((node) => node.id === masterId)?.address;
      const state = view === undefined ? '' : view.known ? view.value.state : `? ${view.reason}`;
      return ['node', address, role, health, String(own), String(ownEpoch), state, master ?? `${ranges} ${id}`.trim()];
    }),
    [
      'slots',
      '',
      '',
      '',
      String(slots.assigned),
      String(epoch),
      '',
      `uncovered ${slots.uncovered}, pfail ${slots.pfail}, fail ${slots.fail}`,
    ],
    ...failovers.map(({ atMs, from, to, slots: taken, epoch: won }) => [
      'failover',
      to,
      '',
      '',
      String(taken),
      String(won),
      '',
      `from ${from} at ${new Date(atMs).toISOString()}`,
    ]),
    ...moves.map(({ slot, from, to, isOneSided }) => [
      'move',
      from,
      '',
      isOneSided ? 'one-sided' : '',
      String(slot),
      '',
      '',
      `to ${to}`,
    ]),
  ];
}
