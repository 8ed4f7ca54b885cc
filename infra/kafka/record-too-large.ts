/** The broker or the topic refuses what was sent for its size: the record's own fault, or its batch's. */
export function isTooLarge(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  return [type, cause?.type].some((name) => name === 'MESSAGE_TOO_LARGE' || name === 'RECORD_LIST_TOO_LARGE');
}
