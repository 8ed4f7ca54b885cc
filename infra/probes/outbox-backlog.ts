import type { Part } from './reading.ts';

export interface OutboxBacklog {
  /** Rows waiting to be sent. Counted up to a limit: then there are at least so many. */
  readonly pending: { readonly rows: number; readonly exact: boolean };
  readonly dead: { readonly rows: number; readonly exact: boolean };
  /** By MySQL's clock; null when nothing waits. */
  readonly oldestPendingMs: Part<number | null>;
  /** Since the previous reading; undefined without one. Rows written, and rows that left the backlog. */
  readonly perSecond: { readonly created: number; readonly sent: number } | undefined;
  /** MySQL's NOW(6) of this reading: the next one counts from here. */
  readonly databaseTime: string;
}
