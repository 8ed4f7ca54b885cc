import { expect, test } from 'vitest';
import { parseView } from './cluster-view.ts';

/** As Redis 7.0 answers. */
const nodes = `37e0 127.0.0.1:17001@27001 master - 0 1795628065037 1 connected 0-5460 5462 [93-<-7ffb]
7ffb 127.0.0.1:17003@27003 myself,slave 37e0 0 1795628065000 3 connected
c982 127.0.0.1:17002@27002,host master,fail? - 1795628060000 1795628059000 2 disconnected 5463-16383 [77->-37e0]
`;
const info = (state: string, slots: number): string => `cluster_state:${state}\r\ncluster_slots_ok:${slots}\r\n`;
const replica = (link: string): string => `# Replication\r\nrole:slave\r\nmaster_link_status:${link}\r\n`;

test('members come with their roles, links and slots; slots on their way are not counted twice', () => {
  const { self, members } = parseView(nodes, info('ok', 16_384), replica('up'));
  expect(self).toMatchObject({ id: '7ffb', masterId: '37e0', slots: [], configEpoch: 3 });
  expect(members.map(({ id, isConnected }) => [id, isConnected])).toEqual([
    ['37e0', true],
    ['7ffb', true],
    ['c982', false],
  ]);
  expect(members[0]?.slots).toEqual([
    { from: 0, to: 5460 },
    { from: 5462, to: 5462 },
  ]);
  expect(members[2]?.flags).toEqual(['master', 'fail?']);
});

test.each([
  { state: 'ok', slots: 16_384, isOk: true },
  { state: 'fail', slots: 16_384, isOk: false },
  { state: 'ok', slots: 16_383, isOk: false },
])('state $state with $slots slots: ok is $isOk', ({ state, slots, isOk }) => {
  expect(parseView(nodes, info(state, slots), replica('up')).isOk).toBe(isOk);
});

test('a replica is linked when its master link is up; a master never is', () => {
  const linked = (replication: string) => parseView(nodes, info('ok', 16_384), replication).isLinked;
  expect([linked(replica('up')), linked(replica('down')), linked('role:master\r\n')]).toEqual([true, false, false]);
});

test('an answer without oneself is refused', () => {
  expect(() => parseView('', '', '')).toThrow('myself');
});
