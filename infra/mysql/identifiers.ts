/** A name of the role map as SQL: `table`, `schema`.`table`. Backticks inside are doubled, so no name can break out. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
