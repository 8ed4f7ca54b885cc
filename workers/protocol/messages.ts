import { z } from 'zod';

/**
 * What a supervisor and its workers say to each other over IPC: one discriminated union a direction, JSON, versioned.
 * Encoded from plain data only: one unserialisable value would close the channel for good.
 */
export const protocolVersion = 1;

const failpoint = z.object({
  /** A name from the worker's own list, such as `relay.after-ack`. */
  name: z.string(),
  /** The worker SIGKILLs itself when it passes the point for the n-th time, n ≥ 1. */
  pass: z.number().int().min(1),
});
export type FailpointPlan = z.infer<typeof failpoint>;

const endpoints = z.object({
  kafka: z.array(z.string()).min(1),
  mysql: z.object({ host: z.string(), port: z.number().int(), user: z.string(), password: z.string() }),
  redis: z.object({ host: z.string(), port: z.number().int() }),
  registry: z.string(),
});

/** Given to a worker as JSON in LABCTL_WORKER; its own options are parsed by the worker itself. */
export const workerBoot = z.object({
  protocolVersion: z.literal(protocolVersion),
  scope: z.string(),
  /** `outbox-relay`, or `outbox-relay-2` for a second one. */
  name: z.string(),
  endpoints,
  /** Folder for the ground-truth journals of this run; absent: no journal is kept. */
  journalDir: z.string().optional(),
  failpoints: z.array(failpoint),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type WorkerBoot = z.infer<typeof workerBoot>;
export type WorkerOptions = WorkerBoot['options'];

/** Why a worker, or one partition of it, stands still: shown by probes, never swallowed. */
const workerFinding = z.object({ key: z.string(), message: z.string() });
export type WorkerFinding = z.infer<typeof workerFinding>;

const fromWorker = z.discriminatedUnion('type', [
  /** It has its connections, its group membership or its leases: from here on it works. */
  z.object({ type: z.literal('ready') }),
  /** Monotonic counters since the process began. */
  z.object({ type: z.literal('counters'), counters: z.record(z.string(), z.number()) }),
  z.object({ type: z.literal('finding'), finding: workerFinding }),
  /** A worker with an end (a counted workload) reached it. */
  z.object({ type: z.literal('finished') }),
]);
export type FromWorker = z.infer<typeof fromWorker>;

const toWorker = z.discriminatedUnion('type', [
  /** Finish what is in hand, leave groups, release leases, exit 0. */
  z.object({ type: z.literal('stop') }),
]);
export type ToWorker = z.infer<typeof toWorker>;

export const encode = (message: FromWorker | ToWorker): string => JSON.stringify(message);

/** @throws ZodError for a message of another version or another program. */
export const decodeFromWorker = (text: unknown): FromWorker => fromWorker.parse(JSON.parse(String(text)));
export const decodeToWorker = (text: unknown): ToWorker => toWorker.parse(JSON.parse(String(text)));
