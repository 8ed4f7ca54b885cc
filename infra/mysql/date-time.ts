/** A DATETIME(6) literal for sessions in UTC, which all of ours are. @param ms since the epoch. */
export function utcDateTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
