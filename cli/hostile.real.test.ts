import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Consumer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { systemClock, waitFor } from '../infra/clock.ts';
import { diagnoses } from '../infra/diagnoses/index.ts';
import { diagnose } from '../infra/diagnoses/run.ts';
import { kafkaClient } from '../infra/kafka/client.ts';
import { mysqlConnection } from '../infra/mysql/pool.ts';
import { probes, probesOf } from '../infra/probes/index.ts';
import { readOnce, sampleRounds } from '../infra/probes/sampler.ts';
import { createProbeStore } from '../infra/probes/store.ts';
import { redisClient } from '../infra/redis/client.ts';
import { ownTarget, type Target } from '../infra/target.ts';
import { type SecondStack, secondStack } from '../infra/testing/second-stack.ts';
import { drawable } from '../infra/text.ts';
import { traceEvent } from '../infra/trace/trace.ts';
import { diagnosedText } from './diagnosis-text.ts';
import { toJson } from './output/json.ts';
import { readingMarkdown, readingText } from './reading-text.ts';
import { traceText } from './trace-text.ts';
import { snapshotText } from './tui/once.ts';
import { panels } from './tui/panels/index.ts';
import { textOf, widthOfText } from './tui/ui/line.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Moves a cursor, retitles a window, turns a line around, hides a letter, breaks a table and a document; and in NFD. */
const evil = `\u001b[2J\u001b]0;owned\u0007\u009b31m\u202eEVIL\u200b\u2028|<b>\r\n${'한글'.normalize('NFD')}`;
const megabyte = evil + 'M'.repeat(1_000_000);
const badUtf8 = Buffer.from([0xff, 0xfe, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xc3, 0x28]);

let stack: SecondStack;
let target: Target;
const undo: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  stack = await secondStack(inject('endpoints'));
  undo.push(() => stack.remove());
  const registry = await evilRegistry();
  undo.push(() => registry.close());
  const groupId = `${stack.roles.database}${evil}${'G'.repeat(5_000)}`;
  await Promise.all([plantMysql(), plantKafka(groupId), plantRedis()]);
  const { topic = '' } = stack.roles.groups.projector ?? {};
  target = ownTarget({
    profile: 'second',
    endpoints: { ...stack.endpoints, registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}` },
    roles: { ...stack.roles, groups: { ...stack.roles.groups, evil: { groupId, topic } } },
    checks: [
      {
        ...slow,
        id: 'rows',
        sql: `SELECT CAST(x'1b5b324a' AS CHAR) AS \`a|b\`, REPEAT('M', 1000000) AS m, x'fffe1b' AS b, 'e' AS \`${evil.replace(/[\r\n]/g, '')}\``,
      },
      { ...slow, id: 'no-such', sql: 'SELECT `\u001b[31mcolumn` FROM DUAL' },
    ],
  });
  undo.push(() => target.close());
});

afterAll(async () => {
  for (const step of undo.toReversed()) await step();
});

const slow = { title: evil, severity: 'critical', cost: 'slow', everyMs: 5_000, timeoutMs: 2_000 } as const;

/** Dead letters, outbox rows, users, running statements and open transactions. */
async function plantMysql(): Promise<void> {
  const { outbox, deadLetters } = stack.roles;
  const { admin } = stack;
  const letters = `\`${deadLetters?.table}\``;
  for (const column of [deadLetters?.message, deadLetters?.exception, deadLetters?.eventType]) {
    await admin.query(`ALTER TABLE ${letters} MODIFY \`${column}\` LONGTEXT CHARACTER SET utf8mb4`);
  }
  await admin.query(
    `INSERT INTO ${letters} (topic, partition_id, record_offset, \`${deadLetters?.originTopic}\`, \`${deadLetters?.originPartition}\`,
       \`${deadLetters?.originOffset}\`, attempt, \`${deadLetters?.class}\`, rule, \`${deadLetters?.exception}\`, \`${deadLetters?.message}\`,
       \`${deadLetters?.eventType}\`, \`${deadLetters?.fingerprint}\`, value_bytes, \`${deadLetters?.deadAt}\`)
     VALUES ('t', 0, 1, 'o', 0, 1, 1, 'bug', 'r', ?, ?, ?, 'f', 1, NOW(6)), ('t', 0, 2, 'o', 0, 2, 1, 'bug', 'r', 'E', ?, NULL, 'g', 1, NOW(6))`,
    [evil, megabyte, evil, megabyte],
  );
  if (outbox?.lastError !== undefined) {
    await admin.query(`ALTER TABLE \`${outbox.table}\` MODIFY \`${outbox.lastError}\` LONGTEXT CHARACTER SET utf8mb4`);
    await admin.query(
      `INSERT INTO \`${outbox.table}\` (\`${outbox.dedupKey}\`, \`${outbox.eventId}\`, \`${outbox.eventType}\`, account_id, payload,
         \`${outbox.status}\`, \`${outbox.lastError}\`) VALUES ('k|1', 'e', 'x', 7, '{}', 'DEAD', ?)`,
      [megabyte],
    );
  }
  await plantSessions();
}

/** One session holds a row lock in a transaction of hostile statements, another waits for it; both by a hostile user. */
async function plantSessions(): Promise<void> {
  const { mysql: endpoint } = inject('endpoints');
  const { database, outbox } = stack.roles;
  const user = `e\u001b[31m\u202e|${'한'.normalize('NFD')}${database.slice(-6)}`;
  await stack.admin.query(`CREATE USER ?@'%' IDENTIFIED BY 'x'`, [user]);
  await stack.admin.query(`GRANT ALL ON \`${database}\`.* TO ?@'%'`, [user]);
  undo.push(() => stack.admin.query(`DROP USER ?@'%'`, [user]));
  const open = () => mysqlConnection({ endpoint: { ...endpoint, user, password: 'x' }, database, owner: evil });
  const [holder, waiter] = [await open(), await open()];
  undo.push(() => {
    holder.destroy();
    waiter.destroy();
  });
  await holder.query('BEGIN');
  const note = megabyte.replaceAll('*/', '').slice(0, 600_000);
  await holder.query(`SELECT /* ${note} */ * FROM \`${outbox?.table}\` FOR UPDATE`);
  await waiter.query('SET SESSION innodb_lock_wait_timeout = 100');
  waiter.query(`SELECT /* ${note} */ * FROM \`${outbox?.table}\` FOR UPDATE`).catch(() => {});
}

/** Client ids, group ids, a transactional id, keys, values and headers. */
async function plantKafka(groupId: string): Promise<void> {
  const { kafka: brokers } = inject('endpoints');
  const kafka = kafkaClient({ brokers, clientId: `${evil}${'C'.repeat(2_000)}` });
  const { events = '', dlq = '' } = stack.roles.topics;
  const headers = { 'x-exception': badUtf8, event_type: evil, dedup_key: badUtf8, 'x-long': 'H'.repeat(200_000) };
  const producer = kafka.producer({
    transactionalId: `${stack.roles.database}${evil}`,
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  undo.push(() => producer.disconnect());
  const sent = await producer.transaction();
  for (const topic of [events, dlq]) {
    await sent.send({ topic, messages: [{ key: badUtf8, value: badUtf8, headers, partition: 0 }] });
    await sent.send({ topic, messages: [{ key: evil, value: megabyte.slice(0, 500_000), headers: {}, partition: 1 }] });
  }
  await sent.commit();
  const hanging = await producer.transaction();
  await hanging.send({ topic: events, messages: [{ value: evil, partition: 2 }] });
  undo.push(() => hanging.abort());
  const consumer: Consumer = kafka.consumer({ groupId, sessionTimeout: 30_000, maxWaitTimeInMs: 200 });
  await consumer.connect();
  undo.push(() => consumer.disconnect());
  await consumer.subscribe({ topic: events, fromBeginning: true });
  let handled = 0;
  await consumer.run({
    eachMessage: async () => {
      handled += 1;
    },
  });
  await waitFor('the consumer', async () => handled > 0, { timeoutMs: 60_000, intervalMs: 100, clock: systemClock });
}

async function plantRedis(): Promise<void> {
  const { redis: endpoint } = inject('endpoints');
  const redis = redisClient(endpoint, 'test.hostile', 5_000);
  await redis.connect();
  const keys = [
    `${stack.roles.database}/7`,
    `${stack.roles.database}/${evil}`,
    `${stack.roles.database}/${'K'.repeat(50_000)}`,
  ];
  for (const key of keys) await redis.set(key, megabyte);
  await redis.set(`${stack.roles.database}/8`, badUtf8);
  undo.push(async () => {
    await redis.del(...keys, `${stack.roles.database}/8`);
    redis.disconnect();
  });
}

async function evilRegistry(): Promise<Server> {
  const server = createServer((_, response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error_code: 1, message: megabyte }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const bytesMax = 256 * 1024;

/** What reaches a terminal or a file: nothing that moves, turns or hides; composed Hangul; of bounded size. */
function expectHarmless(text: string, of: string): void {
  expect(/(?![\n])[\p{Cc}\p{Cf}\u2028\u2029]/u.exec(text)?.[0].codePointAt(0)?.toString(16), of).toBeUndefined();
  expect(text.isWellFormed(), of).toBe(true);
  expect(text, of).toBe(text.normalize('NFC'));
  expect(text.length, of).toBeLessThan(bytesMax);
}

/** JSON escapes what is hidden and keeps values as they are: decomposed stays decomposed. */
function expectHarmlessJson(document: unknown, of: string): void {
  const text = toJson(document, { pretty: true });
  expect(/(?![\n])[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text), of).toBe(false);
  expect(text.length, of).toBeLessThan(4 * bytesMax);
  JSON.parse(text);
}

test('every probe: table, document, JSON, findings, in both languages', async () => {
  await Promise.all(
    probesOf(target).map(async (probe) => {
      const before = await readOnce({ probe, target, before: undefined });
      const reading = await readOnce({ probe, target, before });
      const isKnown = reading.status === 'ok';
      const shown = {
        ...{ probe: probe.id, title: probe.title, reading },
        findings: isKnown ? probe.judge(reading.value) : [],
        rows: isKnown ? probe.rows(reading.value) : [],
      };
      for (const language of ['ko', 'en'] as const) {
        expectHarmless(drawable(await readingText(shown, language)), `${probe.id} table`);
        expectHarmless(drawable(readingMarkdown(shown, language)), `${probe.id} md`);
      }
      expectHarmlessJson(shown, `${probe.id} json`);
    }),
  );
});

test('every diagnosis: text and JSON', async () => {
  await Promise.all(
    diagnoses.map(async (diagnosis) => {
      const answer = await diagnose({ diagnosis, target });
      for (const language of ['ko', 'en'] as const) {
        expectHarmless(drawable(diagnosedText(answer, language)), `diagnose ${diagnosis.id}`);
      }
      expectHarmlessJson(answer, `diagnose ${diagnosis.id} json`);
    }),
  );
});

test('the way of an event with a hostile row, and one that is asked for in hostile words', async () => {
  for (const what of ['k|1', evil]) {
    const traced = await traceEvent(target, what);
    expect(traced.events.length).toBe(what === 'k|1' ? 1 : 0);
    for (const language of ['ko', 'en'] as const) {
      expectHarmless(drawable(await traceText(traced, language)), `trace ${what}`);
    }
    expectHarmlessJson(traced, 'trace json');
  }
});

describe.each(['ko', 'en'] as const)('the console, %s', (language) => {
  test('every panel, and every screen as wide as the terminal', async () => {
    const store = createProbeStore();
    await sampleRounds({ target, probes, sink: store });
    const frame = store.getSnapshot();
    const area = { width: 76, height: 40, scrolls: true, language, nowMs: systemClock.now() };
    for (const panel of panels) {
      for (const line of panel.view(frame, area).lines) expectHarmless(textOf(line), panel.id);
    }
    const look = { ascii: false, colour: false };
    for (const screen of ['0', '3']) {
      const { text } = snapshotText({ store, profile: 'second', language, screen, look, columns: 80 });
      expectHarmless(text, `screen ${screen}`);
      expect(Math.max(...text.split('\n').map(widthOfText)), `screen ${screen}`).toBeLessThanOrEqual(80);
    }
  });
});

test('what was planted did arrive: the group, the dead letters and the check are read, not skipped', async () => {
  const read = async (id: string): Promise<string> => {
    const probe = probesOf(target).find((one) => one.id === id);
    if (probe === undefined) throw new Error(`no ${id}`);
    const reading = await readOnce({ probe, target, before: undefined });
    return drawable(
      await readingText(
        {
          probe: id,
          title: probe.title,
          reading,
          findings: [],
          rows: reading.status === 'ok' ? probe.rows(reading.value) : [],
        },
        'en',
      ),
    );
  };
  expect(await read('kafka.group-lag')).toMatch(/EVIL\S*.*한글/s);
  expect(await read('dlq.groups')).toMatch(/EVIL/);
  expect(await read('check.rows')).toMatch(/characters\)/);
});
