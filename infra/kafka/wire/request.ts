import { notPermitted, type Part, unknownPart } from '../../probes/reading.ts';
import type { WireReader, WireWriter } from './bytes.ts';

/**
 * One request of Kafka's protocol in one fixed version, chosen so that brokers from 3.0 to 4.x serve it. Decoding never
 * throws for an error code: each part of an answer carries its own, because one bad partition must not hide the others.
 */
export interface WireRequest<Answer> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  /** Flexible versions (KIP-482) have tagged fields in both headers. */
  readonly flexible: boolean;
  encode(body: WireWriter): void;
  decode(body: WireReader): Answer;
  /** The same question in an older version, for brokers that do not serve this one. */
  readonly older?: WireRequest<Answer>;
}

export const groupIdNotFound = 69;

/** The error codes that the read requests answer with (https://kafka.apache.org/protocol#protocol_error_codes). */
const errorNames: Readonly<Record<number, string>> = {
  [-1]: 'UNKNOWN_SERVER_ERROR',
  1: 'OFFSET_OUT_OF_RANGE',
  3: 'there is no such topic or partition',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  9: 'REPLICA_NOT_AVAILABLE',
  14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR',
  24: 'INVALID_GROUP_ID',
  35: 'UNSUPPORTED_VERSION',
  41: 'NOT_CONTROLLER',
  56: 'KAFKA_STORAGE_ERROR',
  51: 'CONCURRENT_TRANSACTIONS',
  [groupIdNotFound]: 'GROUP_ID_NOT_FOUND',
  78: 'OFFSET_NOT_AVAILABLE',
  105: 'TRANSACTIONAL_ID_NOT_FOUND',
};

/** An error code as the reason of an unknown part. */
export function unknownFor<Value>(errorCode: number): Part<Value> {
  if (isNotPermitted(errorCode)) return unknownPart(notPermitted);
  return unknownPart(errorText(errorCode));
}

export function errorText(errorCode: number): string {
  return errorNames[errorCode] ?? `Kafka's error ${errorCode}`;
}

/** TOPIC_, GROUP_, CLUSTER_, TRANSACTIONAL_ID_AUTHORIZATION_FAILED: the account lacks the right; no trouble of the engine's. */
export function isNotPermitted(errorCode: number): boolean {
  return errorCode === 29 || errorCode === 30 || errorCode === 31 || errorCode === 53;
}
