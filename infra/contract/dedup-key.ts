/** `<tx_id>:<account_id>`: the identity of an effect, the same in a redelivery and a replay. */
export function dedupKeyOf(txId: string, accountId: bigint): string {
  return `${txId}:${accountId}`;
}
