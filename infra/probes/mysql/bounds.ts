import { printable } from '../../text.ts';

/** Statements may be a megabyte; this much of one tells which it is. */
export const sqlMax = 400;
/** In front of what a SELECT reads: the server gives up by itself. */
export const limited = '/*+ MAX_EXECUTION_TIME(1000) */';

/** What a server says, without control sequences. */
export const cleaned = (sql: string | null): string | null => (sql === null ? null : printable(sql));
