/**
 * 64-bit integers are strings in JSON, as everywhere in the lab: JSON's numbers lose them above 2^53. What a terminal or a
 * reader could be fooled by (C1 and other controls, bidi, zero-width) is escaped, which changes no value.
 */
export function toJson(document: unknown, { pretty }: { readonly pretty: boolean }): string {
  return JSON.stringify(
    document,
    (_, value) => (typeof value === 'bigint' ? String(value) : value),
    pretty ? 2 : 0,
  ).replaceAll(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, escaped);
}

/** Beyond the first 65,536 code points a character is two units, each escaped. */
function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
