import { type ClusterMember, type ClusterView, type SlotRange, slotCount } from './cluster-view.ts';

/** Where a node of the cluster is reached, by clients and by the other nodes. */
export interface ClusterPlace {
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
}

/** A command for the n-th node. */
export interface ClusterStep {
  readonly node: number;
  readonly command: readonly string[];
}

/** Of the nodes, the first so many become masters where none owns slots yet; the others their replicas. */
const masterCount = 3;

/**
 * What brings the nodes nearer to one cluster that serves every slot, from wherever they are: blank, half joined by
 * somebody who was killed, or one blank among five that work. Pure; asked again after each round until it has nothing
 * more to say. It takes no slot from anybody: who wins a quarrel over slots is the nodes' own business.
 * @param views of all nodes, in the order of `places`.
 */
export function nextSteps(views: readonly ClusterView[], places: readonly ClusterPlace[]): readonly ClusterStep[] {
  const joining = [...firstEpochs(views), ...missingSlots(views), ...meetings(views, places), ...partings(views)];
  return joining.length > 0 || !isOneCluster(views) ? joining : replicating(views);
}

/** All nodes tell the same of each other, all slots are served, and each replica is in step: nothing is on its way. */
export function isSettled(views: readonly ClusterView[], places: readonly ClusterPlace[]): boolean {
  const isCalm = ({ self, isOk, isLinked, members }: ClusterView): boolean =>
    isOk && (isMaster(self) || isLinked) && members.every((member) => member.isConnected && !isTroubled(member));
  return isOneCluster(views) && agree(views) && views.every(isCalm) && nextSteps(views, places).length === 0;
}

/** What the others say of a node is what it says of itself: gossip takes a second to tell of a new master or replica. */
function agree(views: readonly ClusterView[]): boolean {
  const said = ({ masterId = '', slots }: ClusterMember): string =>
    [masterId, ...slots.map(({ from, to }: SlotRange) => `${from}-${to}`)].join(' ');
  const ownWords = new Map(views.map(({ self }) => [self.id, said(self)]));
  return views.every(({ members }) => members.every((member) => ownWords.get(member.id) === said(member)));
}

function isTroubled({ flags }: ClusterMember): boolean {
  return ['fail', 'fail?', 'handshake', 'noaddr'].some((flag) => flags.includes(flag));
}

const isMaster = ({ flags }: ClusterMember): boolean => flags.includes('master');
const isAlone = ({ members }: ClusterView): boolean => members.length === 1;

function isOneCluster(views: readonly ClusterView[]): boolean {
  return views.every(({ members }) => {
    const known = new Set(members.map(({ id }) => id));
    return known.size === views.length && views.every(({ self }) => known.has(self.id));
  });
}

/** Blank nodes all have epoch 0; distinct ones spare them rounds of gossip. Redis allows it before the first meeting only. */
function firstEpochs(views: readonly ClusterView[]): readonly ClusterStep[] {
  if (!views.every(isAlone)) return [];
  return views.flatMap(({ self }, node) =>
    self.configEpoch === 0 ? [{ node, command: ['SET-CONFIG-EPOCH', String(node + 1)] }] : [],
  );
}

/** Slots that no node knows an owner of, each to the master of its third. */
function missingSlots(views: readonly ClusterView[]): readonly ClusterStep[] {
  const owned = new Set<number>();
  for (const { slots } of views.flatMap(({ members }) => members)) {
    for (const { from, to } of slots) for (let slot = from; slot <= to; slot++) owned.add(slot);
  }
  const fallback = views.findIndex(({ self }) => isMaster(self));
  const byNode = new Map<number, string[]>();
  for (let slot = 0; slot < slotCount; slot++) {
    if (owned.has(slot)) continue;
    const third = Math.floor((slot * masterCount) / slotCount);
    const owner = views[third];
    const node = owner !== undefined && isMaster(owner.self) ? third : fallback;
    byNode.set(node, [...(byNode.get(node) ?? []), String(slot)]);
  }
  // ADDSLOTS and not ADDSLOTSRANGE, which Redis has from 7.0 on.
  return [...byNode].flatMap(([node, slots]) => (node === -1 ? [] : [{ node, command: ['ADDSLOTS', ...slots] }]));
}

/** The best connected node is introduced to whom it does not know; gossip does the rest. */
function meetings(views: readonly ClusterView[], places: readonly ClusterPlace[]): readonly ClusterStep[] {
  const knows = ({ members }: ClusterView, id: string): boolean => members.some((member) => member.id === id);
  const counts = views.map((view) => views.filter(({ self }) => knows(view, self.id)).length);
  const node = counts.indexOf(Math.max(...counts));
  const host = views[node];
  if (host === undefined) return [];
  return views.flatMap(({ self }, other) => {
    const place = places[other];
    if (place === undefined || knows(host, self.id)) return [];
    return [{ node, command: ['MEET', place.host, String(place.port), String(place.busPort)] }];
  });
}

/**
 * Ids that none of the nodes has any more: one that lost its nodes.conf came back under another. Where the gone one owned
 * slots its replica takes them over; nobody would elect it, as the gone one's address answers and so is not held for failed.
 */
function partings(views: readonly ClusterView[]): readonly ClusterStep[] {
  const living = new Set(views.map(({ self }) => self.id));
  const members = views.flatMap((view) => view.members);
  const gone = new Set(members.filter(({ id, flags }) => !living.has(id) && !flags.includes('handshake')).map(idOf));
  return [...gone].flatMap((id): ClusterStep[] => {
    const heir = views.findIndex(({ self }) => self.masterId === id);
    const hadSlots = members.some((member) => member.id === id && member.slots.length > 0);
    if (heir !== -1 && hadSlots) return [{ node: heir, command: ['FAILOVER', 'TAKEOVER'] }];
    return views.flatMap((view, node) =>
      view.members.some((member) => member.id === id) && view.self.masterId !== id
        ? [{ node, command: ['FORGET', id] }]
        : [],
    );
  });
}

const idOf = ({ id }: ClusterMember): string => id;

/** Masters without slots follow the owner that has the fewest replicas; then one without any gets one that another can spare. */
function replicating(views: readonly ClusterView[]): readonly ClusterStep[] {
  const owners = views.flatMap(({ self }) => (isMaster(self) && self.slots.length > 0 ? [self.id] : []));
  const replicasOf = (owner: string) =>
    views.flatMap(({ self }, node) => (!isMaster(self) && self.masterId === owner ? [node] : []));
  const replicas = new Map(owners.map((owner) => [owner, replicasOf(owner)]));
  const fewestFirst = () => [...replicas].sort(([, left], [, right]) => left.length - right.length);
  const steps = views.flatMap(({ self }, node): ClusterStep[] => {
    const [fewest] = fewestFirst();
    if (!isMaster(self) || self.slots.length > 0 || fewest === undefined) return [];
    const [owner, its] = fewest;
    replicas.set(owner, [...its, node]);
    return [{ node, command: ['REPLICATE', owner] }];
  });
  const [[owner, fewest] = ['', []]] = fewestFirst();
  const most = fewestFirst().at(-1)?.[1] ?? [];
  const spare = most.at(-1);
  if (steps.length > 0 || fewest.length > 0 || most.length < 2 || spare === undefined) return steps;
  return [{ node: spare, command: ['REPLICATE', owner] }];
}
