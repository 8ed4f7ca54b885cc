import { type PipelineOptions, startPipeline, type WorkerSpec } from '../pipeline.ts';

/** A supervisor as a process of its own, for tests that kill it. */

interface Orders {
  readonly specs: readonly WorkerSpec[];
  readonly scope: string;
  readonly endpoints: PipelineOptions['endpoints'];
  readonly folder: string;
}

const { specs, scope, endpoints, folder }: Orders = JSON.parse(process.env.SUPERVISE ?? 'null');
await startPipeline(specs, { scope, endpoints, logDir: folder });
