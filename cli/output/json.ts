/** 64-bit integers are strings in JSON, as everywhere in the lab: JSON's numbers lose them above 2^53. */
export function toJson(document: unknown, { pretty }: { readonly pretty: boolean }): string {
  return JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? String(value) : value), pretty ? 2 : 0);
}
