/**
 * Locks as InnoDB prints them in SHOW ENGINE INNODB STATUS, the same words on MySQL and MariaDB:
 * `RECORD LOCKS space id 12 page no 4 n bits 72 index PRIMARY of table `db`.`t` trx id 7 lock_mode X locks rec but not gap
 * waiting`, then the records it is on, field by field (lock_rec_print and rec_print in storage/innobase).
 */
export interface PrintedLock {
  readonly schema: string;
  readonly table: string;
  /** undefined: a lock on the whole table. */
  readonly index: string | undefined;
  readonly trxId: string;
  /** InnoDB's own words without `waiting`: `X locks rec but not gap`, `X locks gap before rec insert intention`, `S`. */
  readonly mode: string;
  readonly waiting: boolean;
  /** The key of each record that it is on, index columns first. */
  readonly keys: readonly RecordKey[];
}

/** The fields of an index record as far as they are its key; `supremum` alone is the end of the index. */
export type RecordKey = readonly KeyField[];

export interface KeyField {
  /** Best guess without the column's type: text, a number, or `0x…`. null: SQL NULL. */
  readonly text: string | null;
  /** What is stored. Cut by InnoDB where it is long. */
  readonly hex: string;
}

/** A lock with more records than this is still told by these. */
const keysMax = 20;
const textMax = 80;

const recordLock =
  /^RECORD LOCKS space id \d+ page no \d+ n bits \d+ index (.+) of table (.+?) trx id (\d+) lock[_ ]mode (.+)$/;
const tableLock = /^TABLE LOCK table (.+?) trx id (\d+) lock mode (.+)$/;
const field = /^ (\d+): (?:SQL NULL;|len (\d+); hex ([0-9a-f]*); asc )/;

/** The lock whose heading is `lines[at]`; undefined where that is no lock's heading. */
export function lockAt(lines: readonly string[], at: number): PrintedLock | undefined {
  const heading = lines[at] ?? '';
  const onRecords = recordLock.exec(heading);
  if (onRecords !== null) {
    const [, index = '', table = '', trxId = '', mode = ''] = onRecords;
    const name = index.replace(/^`(.*)`$/, '$1');
    return { ...namesOf(table), index: name, trxId, ...modeOf(mode), keys: keysBelow(lines, at, name) };
  }
  const onTable = tableLock.exec(heading);
  if (onTable === null) return undefined;
  const [, table = '', trxId = '', mode = ''] = onTable;
  return { ...namesOf(table), index: undefined, trxId, ...modeOf(mode), keys: [] };
}

/** `` `db`.`t` ``; a backtick within a name is doubled. A partition follows as a comment and is not part of the name. */
function namesOf(printed: string): { readonly schema: string; readonly table: string } {
  const names = [...printed.matchAll(/`((?:[^`]|``)*)`/g)].map(([, name = '']) => name.replaceAll('``', '`'));
  const [schema, table] = names;
  return table === undefined ? { schema: '', table: schema ?? printed } : { schema: schema ?? '', table };
}

function modeOf(printed: string): { readonly mode: string; readonly waiting: boolean } {
  const waiting = / waiting$/.test(printed);
  return { mode: printed.replace(/ waiting$/, '').trim(), waiting };
}

function keysBelow(lines: readonly string[], at: number, index: string): readonly RecordKey[] {
  const keys: RecordKey[] = [];
  let fields: (KeyField & { readonly length: number })[] | undefined;
  const close = (): void => {
    if (fields !== undefined && keys.length < keysMax) keys.push(keyOf(fields, index));
    fields = undefined;
  };
  for (const line of lines.slice(at + 1)) {
    if (line.startsWith('Record lock, heap no ')) {
      close();
      fields = [];
      continue;
    }
    const found = field.exec(line);
    if (found !== null && fields !== undefined) {
      const [, , length, hex] = found;
      fields.push({ text: hex === undefined ? null : readable(hex), hex: hex ?? '', length: Number(length ?? 0) });
    } else if (line !== '') break;
  }
  close();
  return keys;
}

/**
 * A clustered index holds its key, then DB_TRX_ID (6 bytes) and DB_ROLL_PTR (7 bytes), then the other columns; a secondary
 * one holds its columns and the primary key's.
 */
function keyOf(fields: readonly (KeyField & { readonly length: number })[], index: string): RecordKey {
  const hidden = fields.findIndex(({ length }, at) => length === 6 && fields[at + 1]?.length === 7);
  const key = hidden > 0 && (index === 'PRIMARY' || index === 'GEN_CLUST_INDEX') ? fields.slice(0, hidden) : fields;
  return key.map(({ text, hex }) => ({ text, hex }));
}

/** Text where all of it can be printed; else an integer, whose sign bit InnoDB stores flipped; else the bytes. */
export function readable(hex: string): string {
  if (hex === '') return '';
  const bytes = Buffer.from(hex, 'hex');
  const text = bytes.toString('utf8');
  if (!/[\p{Cc}\p{Co}\p{Cn}\u{FFFD}]/u.test(text)) return text.slice(0, textMax).normalize('NFC');
  if ([1, 2, 3, 4, 8].includes(bytes.length)) return integerOf(bytes);
  return `0x${hex.slice(0, textMax)}`;
}

/** The highest bit is set for signed numbers ≥ 0, and clear for those below and for unsigned ones. */
function integerOf(bytes: Buffer): string {
  const bits = bytes.length * 8;
  const stored = BigInt(`0x${bytes.toString('hex')}`);
  const half = 1n << BigInt(bits - 1);
  const first = bytes[0] ?? 0;
  // Ids are small in one of three ways: near 0 signed, just below it, or near 0 unsigned.
  return String(first === 0x7f || first >= 0x80 ? stored - half : stored);
}

export function keyText(key: RecordKey): string {
  return key.map(({ text }) => text ?? 'NULL').join(', ');
}

/**
 * What each waiting transaction waits for, by its id, out of the list of transactions in SHOW ENGINE INNODB STATUS. That text
 * holds one megabyte: on a server with very many transactions some are missing.
 */
export function locksWaitedFor(status: string): ReadonlyMap<string, PrintedLock> {
  const lines = status.split(/\r?\n/);
  const start = lines.findIndex((line) => line.startsWith('LIST OF TRANSACTIONS FOR EACH SESSION'));
  const found = new Map<string, PrintedLock>();
  for (const [offset, line] of (start < 0 ? [] : lines.slice(start)).entries()) {
    if (!/^-+ TRX HAS BEEN WAITING .* FOR THIS LOCK TO BE GRANTED:$/.test(line)) continue;
    const lock = lockAt(lines, start + offset + 1);
    if (lock?.waiting) found.set(lock.trxId, lock);
  }
  return found;
}
