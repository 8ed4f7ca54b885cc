import { connect } from 'node:net';
import { systemClock } from '../../../clock.ts';

/**
 * The two requests that tell whether a Kafka node serves, without a client library: kafkajs throws for a whole cluster
 * when one partition has no leader, and does not speak to controllers.
 * Formats: https://kafka.apache.org/protocol (request header v1, response header v0).
 */
const apiMetadata = 3;
const apiVersions = 18;
const answerTimeoutMs = 2_000;

export interface KafkaAddress {
  readonly host: string;
  readonly port: number;
}

/** Ids of the brokers that this broker knows to be alive (Metadata v6, no topics). @throws Error when it gives no answer. */
export async function liveBrokers(address: KafkaAddress): Promise<readonly number[]> {
  const noTopics = Buffer.alloc(4);
  const allowAutoTopicCreation = Buffer.from([0]);
  const answer = await roundTrip(address, {
    api: apiMetadata,
    version: 6,
    body: Buffer.concat([noTopics, allowAutoTopicCreation]),
  });
  return parseMetadataBrokers(answer);
}

/** throttle_time_ms, then brokers: [node_id INT32, host STRING, port INT32, rack NULLABLE_STRING]. */
export function parseMetadataBrokers(answer: Buffer): readonly number[] {
  let at = 4;
  const count = answer.readInt32BE(at);
  at += 4;
  const ids: number[] = [];
  for (let index = 0; index < count; index++) {
    ids.push(answer.readInt32BE(at));
    at += 4;
    at += 2 + answer.readInt16BE(at);
    at += 4;
    at += 2 + Math.max(0, answer.readInt16BE(at));
  }
  return ids;
}

/** True when the node, a controller too, answers ApiVersions v0 without an error. @throws Error when it gives no answer. */
export async function speaksKafka(address: KafkaAddress): Promise<boolean> {
  const answer = await roundTrip(address, { api: apiVersions, version: 0, body: Buffer.alloc(0) });
  return answer.readInt16BE(0) === 0;
}

interface Request {
  readonly api: number;
  readonly version: number;
  readonly body: Buffer;
}

/** One request on a connection of its own. @returns the answer behind its length and correlation id. */
async function roundTrip({ host, port }: KafkaAddress, request: Request): Promise<Buffer> {
  const socket = connect({ host, port });
  const cancel = systemClock.after(answerTimeoutMs, () => socket.destroy(new Error(`no answer from ${host}:${port}`)));
  try {
    socket.write(encodeRequest(request));
    let received: Buffer = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) return received.subarray(8);
    }
    throw new Error(`${host}:${port} closed the connection`);
  } finally {
    cancel();
    socket.destroy();
  }
}

function encodeRequest({ api, version, body }: Request): Buffer {
  const clientId = Buffer.from('labctl');
  const header = Buffer.alloc(10);
  header.writeInt16BE(api, 0);
  header.writeInt16BE(version, 2);
  header.writeInt32BE(1, 4); // correlation id
  header.writeInt16BE(clientId.length, 8);
  const message = Buffer.concat([header, clientId, body]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length);
  return Buffer.concat([length, message]);
}
