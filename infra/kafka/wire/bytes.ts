/**
 * Kafka's primitive types (https://kafka.apache.org/protocol#protocol_types), big-endian. "Compact" ones belong to the
 * flexible versions of KIP-482: lengths are unsigned varints of n + 1, and each structure ends with tagged fields.
 */
export class WireWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(sizeHint = 256) {
    this.#buffer = Buffer.allocUnsafe(sizeHint);
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  int8(value: number): this {
    this.#length = this.#room(1).writeInt8(value, this.#length);
    return this;
  }

  int32(value: number): this {
    this.#length = this.#room(4).writeInt32BE(value, this.#length);
    return this;
  }

  int64(value: bigint): this {
    this.#length = this.#room(8).writeBigInt64BE(value, this.#length);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  string(value: string): this {
    const bytes = Buffer.byteLength(value);
    this.#length = this.#room(2 + bytes).writeInt16BE(bytes, this.#length);
    this.#length += this.#buffer.write(value, this.#length);
    return this;
  }

  /** null as the absent array, which most requests take for "all". */
  array<T>(items: readonly T[] | null, write: (item: T) => void): this {
    this.int32(items === null ? -1 : items.length);
    items?.forEach(write);
    return this;
  }

  unsignedVarint(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    return this.#byte(rest);
  }

  compactString(value: string): this {
    this.unsignedVarint(Buffer.byteLength(value) + 1);
    this.#length += this.#room(Buffer.byteLength(value)).write(value, this.#length);
    return this;
  }

  compactArray<T>(items: readonly T[] | null, write: (item: T) => void): this {
    this.unsignedVarint(items === null ? 0 : items.length + 1);
    items?.forEach(write);
    return this;
  }

  noTags(): this {
    return this.unsignedVarint(0);
  }

  #byte(value: number): this {
    this.#length = this.#room(1).writeUInt8(value, this.#length);
    return this;
  }

  #room(bytes: number): Buffer {
    if (this.#length + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    return this.#buffer;
  }
}

/** Reads in order. Throws RangeError past the end: an answer cut short or of another version. */
export class WireReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  boolean(): boolean {
    return this.#buffer.readInt8(this.#advance(1)) !== 0;
  }

  /** Bytes not read yet. */
  remaining(): number {
    return this.#buffer.length - this.#at;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#advance(4));
  }

  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.#advance(8));
  }

  string(): string {
    return this.nullableString() ?? '';
  }

  nullableString(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#text(length);
  }

  byteString(): Buffer {
    return this.bytes(this.int32());
  }

  compactByteString(): Buffer {
    return this.bytes(this.unsignedVarint() - 1);
  }

  /** The next bytes as they are, not copied; none for a negative length. */
  bytes(length: number): Buffer {
    const start = this.#advance(Math.max(length, 0));
    return this.#buffer.subarray(start, this.#at);
  }

  array<T>(read: () => T): T[] {
    return this.#times(this.int32(), read);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer.readUInt8(this.#advance(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint of more than five bytes');
  }

  /** Zigzag, of at most 64 bits, exact up to 2^53: lengths and deltas inside a record batch. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let bytes = 0; bytes < 10; bytes++) {
      const byte = this.#buffer.readUInt8(this.#advance(1));
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw new RangeError('a varint of more than ten bytes');
  }

  compactString(): string {
    return this.nullableCompactString() ?? '';
  }

  nullableCompactString(): string | null {
    const length = this.unsignedVarint() - 1;
    return length < 0 ? null : this.#text(length);
  }

  /** Of structures: the tagged fields behind each are skipped. */
  compactArray<T>(read: () => T): T[] {
    return this.#times(this.unsignedVarint() - 1, () => {
      const item = read();
      this.skipTags();
      return item;
    });
  }

  /** Of plain values, which have no tagged fields of their own. */
  compactList<T>(read: () => T): T[] {
    return this.#times(this.unsignedVarint() - 1, read);
  }

  skipTags(): void {
    for (let tags = this.unsignedVarint(); tags > 0; tags--) {
      this.unsignedVarint();
      this.#advance(this.unsignedVarint());
    }
  }

  #times<T>(count: number, read: () => T): T[] {
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(read());
    return items;
  }

  #text(length: number): string {
    const start = this.#advance(length);
    return this.#buffer.toString('utf8', start, start + length);
  }

  #advance(bytes: number): number {
    const start = this.#at;
    if (start + bytes > this.#buffer.length) throw new RangeError('the answer ends too early');
    this.#at += bytes;
    return start;
  }
}
