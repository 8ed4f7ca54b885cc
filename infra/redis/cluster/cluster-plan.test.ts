import { expect, test } from 'vitest';
import { type ClusterPlace, type ClusterStep, isSettled, nextSteps } from './cluster-plan.ts';
import type { ClusterMember, ClusterView, SlotRange } from './cluster-view.ts';

const places: readonly ClusterPlace[] = [1, 2, 3, 4, 5, 6].map((n) => ({
  host: '127.0.0.1',
  port: 17_000 + n,
  busPort: 27_000 + n,
}));
const thirds: readonly SlotRange[] = [
  { from: 0, to: 5461 },
  { from: 5462, to: 10_922 },
  { from: 10_923, to: 16_383 },
];

interface Planned {
  readonly id: string;
  readonly masterId?: string;
  readonly slots?: readonly SlotRange[];
  readonly epoch?: number;
  readonly flags?: readonly string[];
}

function member({ id, masterId, slots = [], epoch = 1, flags = [] }: Planned): ClusterMember {
  const role = masterId === undefined ? 'master' : 'slave';
  return { id, masterId, slots, configEpoch: epoch, flags: [role, ...flags], isConnected: true };
}

function view(self: Planned, others: readonly Planned[]): ClusterView {
  const own = member(self);
  return { self: own, members: [own, ...others.map(member)], isOk: true, isLinked: self.masterId !== undefined };
}

/** Everybody knows everybody. */
function acquainted(nodes: readonly Planned[]): readonly ClusterView[] {
  return nodes.map((node) =>
    view(
      node,
      nodes.filter(({ id }) => id !== node.id),
    ),
  );
}

const whole: readonly Planned[] = [
  ...thirds.map((range, index) => ({ id: `m${index + 1}`, slots: [range] })),
  ...[1, 2, 3].map((n) => ({ id: `r${n}`, masterId: `m${n}` })),
];

const replaced = (index: number, change: Partial<Planned>): readonly Planned[] =>
  whole.map((node, at) => (at === index ? { ...node, ...change } : node));

/** `3 REPLICATE m1`; slots as their count. */
const shown = (steps: readonly ClusterStep[]): readonly string[] =>
  steps.map(({ node, command: [name, ...rest] }) => `${node} ${name} ${name === 'ADDSLOTS' ? rest.length : rest}`);

test('a whole cluster is settled, and nothing is to be done', () => {
  expect(nextSteps(acquainted(whole), places)).toEqual([]);
  expect(isSettled(acquainted(whole), places)).toBe(true);
});

test('blank nodes get distinct epochs, a third of the slots each, and meet', () => {
  const blank = whole.map(({ id }) => view({ id, epoch: 0 }, []));
  expect(shown(nextSteps(blank, places))).toEqual([
    ...[1, 2, 3, 4, 5, 6].map((n) => `${n - 1} SET-CONFIG-EPOCH ${n}`),
    ...['0 ADDSLOTS 5462', '1 ADDSLOTS 5461', '2 ADDSLOTS 5461'],
    ...[2, 3, 4, 5, 6].map((n) => `0 MEET 127.0.0.1,1700${n},2700${n}`),
  ]);
  const slots = nextSteps(blank, places).flatMap(({ command: [name, ...rest] }) => (name === 'ADDSLOTS' ? rest : []));
  expect(new Set(slots).size).toBe(16_384);
});

test('slots that somebody was killed over go to the master of their third', () => {
  const nodes = replaced(1, { slots: [{ from: 5462, to: 6000 }] });
  expect(shown(nextSteps(acquainted(nodes), places))).toEqual(['1 ADDSLOTS 4922']);
});

test('two halves meet by the larger one', () => {
  const [first = [], second = []] = [whole.slice(0, 4), whole.slice(4)];
  const views = [...acquainted(first), ...acquainted(second)];
  expect(shown(nextSteps(views, places))).toEqual(['0 MEET 127.0.0.1,17005,27005', '0 MEET 127.0.0.1,17006,27006']);
});

test('masters without slots are shared out as replicas, but only when all know each other', () => {
  const nodes = whole.map(({ id, slots }) => ({ id, ...(slots === undefined ? {} : { slots }) }));
  expect(shown(nextSteps(acquainted(nodes), places))).toEqual(['3 REPLICATE m1', '4 REPLICATE m2', '5 REPLICATE m3']);
  const last = { id: 'r3' };
  const strangers = [...acquainted(nodes.slice(0, 5)), view(last, [])];
  expect(shown(nextSteps(strangers, places))).toEqual(['0 MEET 127.0.0.1,17006,27006']);
});

test('a master without a replica gets one that another can spare', () => {
  expect(shown(nextSteps(acquainted(replaced(5, { masterId: 'm1' })), places))).toEqual(['5 REPLICATE m3']);
});

test('where a master came back blank, its replica takes over before its old id is forgotten', () => {
  const nodes = replaced(0, { id: 'new', slots: [] });
  const gone: Planned = { id: 'm1', slots: thirds.slice(0, 1), flags: ['noaddr'] };
  const views = acquainted(nodes).map((known) => ({ ...known, members: [...known.members, member(gone)] }));
  expect(shown(nextSteps(views, places))).toEqual(['3 FAILOVER TAKEOVER']);

  const taken = nodes.map((node) => (node.id === 'r1' ? { id: 'r1', slots: thirds.slice(0, 1) } : node));
  const after = acquainted(taken).map((known, index) =>
    index === 1 ? { ...known, members: [...known.members, member({ id: 'm1', flags: ['noaddr'] })] } : known,
  );
  expect(shown(nextSteps(after, places))).toEqual(['1 FORGET m1']);
  expect(shown(nextSteps(acquainted(taken), places))).toEqual(['0 REPLICATE r1']);
});

test('a node that is only being shaken hands with is not forgotten', () => {
  const views = acquainted(whole).map((known) => ({
    ...known,
    members: [...known.members, member({ id: 'passing', flags: ['handshake'] })],
  }));
  expect(nextSteps(views, places)).toEqual([]);
  expect(isSettled(views, places)).toBe(false);
});

test.each<[string, (known: ClusterView, index: number) => ClusterView]>([
  ['one says it is not ok', (known, index) => (index === 2 ? { ...known, isOk: false } : known)],
  ['a replica is not in step', (known, index) => (index === 4 ? { ...known, isLinked: false } : known)],
  [
    'one holds another for failed',
    (known, index) =>
      index === 0
        ? { ...known, members: known.members.map((other) => ({ ...other, flags: [...other.flags, 'fail?'] })) }
        : known,
  ],
  [
    'one takes a replica for a master still',
    (known, index) =>
      index === 0 ? { ...known, members: known.members.map((other) => ({ ...other, masterId: undefined })) } : known,
  ],
])('it is not settled while %s', (_what, change) => {
  expect(isSettled(acquainted(whole).map(change), places)).toBe(false);
});
