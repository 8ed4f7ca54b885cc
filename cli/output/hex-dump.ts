const bytesPerRow = 16;

/**
 * As `hexdump -C` shows it: offset, sixteen bytes, and what of them is printable ASCII.
 * @param hex two digits a byte.
 */
export function hexDump(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  const rows: string[] = [];
  for (let start = 0; start < bytes.length; start += bytesPerRow) {
    const row = [...bytes.subarray(start, start + bytesPerRow)];
    const cells = row.map((byte) => byte.toString(16).padStart(2, '0'));
    const halves = [cells.slice(0, 8).join(' '), cells.slice(8).join(' ')].join('  ').padEnd(49);
    const shown = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    rows.push(`${start.toString(16).padStart(8, '0')}  ${halves} |${shown}|`);
  }
  return rows.join('\n');
}
