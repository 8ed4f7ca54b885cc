/**
 * LZ4's frame format (github.com/lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md), decoded: blocks that are
 * linked or independent, packed or stored; checksums of header, blocks and content are verified where a frame has them.
 * Every length is checked against what is there, so that no bytes can make it loop, or read or write out of bounds.
 */

const magicNumber = 0x184d2204;
const flags = {
  version: 0xc0,
  isIndependent: 0x20,
  blockChecksum: 0x10,
  contentSize: 8,
  contentChecksum: 4,
  dictionary: 1,
};
/** By the number that a header says: 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
const blockBytesMax: Readonly<Record<number, number>> = { 4: 0x10000, 5: 0x40000, 6: 0x100000, 7: 0x400000 };
/** Of a block's size: the block is stored as it is. */
const storedFlag = 0x80000000;
const minMatch = 4;
/** Up to here a loop is quicker than a call that copies. */
const shortBytes = 64;

interface FrameHeader {
  readonly isIndependent: boolean;
  readonly hasBlockChecksum: boolean;
  readonly hasContentChecksum: boolean;
  readonly contentSize: bigint | undefined;
  readonly blockMax: number;
  /** Where the blocks begin. */
  readonly end: number;
}

/** Frames one behind the other. @throws RangeError for what is no such frame, is cut short, or is longer than `bytesMax`. */
export function lz4Inflated(packed: Buffer, bytesMax: number): Buffer {
  const output = new Output(bytesMax);
  for (let at = 0; at < packed.length; ) at = inflateFrame(packed, at, output);
  return output.bytes();
}

/** @returns where the frame ends. */
function inflateFrame(packed: Buffer, start: number, output: Output): number {
  const header = headerAt(packed, start);
  const frameStart = output.length;
  let at = header.end;
  for (;;) {
    const size = uint32(packed, at);
    at += 4;
    if (size === 0) break;
    const block = bytesAt(packed, at, size % storedFlag);
    at += block.length;
    if (header.hasBlockChecksum) at = verified(block, packed, at);
    output.reserve(header.blockMax);
    if (size >= storedFlag) output.append(block, 0, block.length);
    else inflateBlock(block, output, header.isIndependent ? output.length : frameStart);
  }
  const content = output.bytes().subarray(frameStart);
  const { contentSize = BigInt(content.length) } = header;
  if (contentSize !== BigInt(content.length)) throw new RangeError('the content is not as long as the frame says');
  return header.hasContentChecksum ? verified(content, packed, at) : at;
}

/** @returns what stands behind the checksum. */
function verified(bytes: Buffer, packed: Buffer, at: number): number {
  if (xxHash32(bytes) !== uint32(packed, at)) throw new RangeError('a checksum does not match');
  return at + 4;
}

function headerAt(packed: Buffer, start: number): FrameHeader {
  if (uint32(packed, start) !== magicNumber) throw new RangeError('it does not begin as a frame does');
  const [flag = 0, block = 0] = bytesAt(packed, start + 4, 2);
  if ((flag & flags.version) !== 0x40) throw new RangeError('a frame of another version');
  if ((flag & flags.dictionary) !== 0) throw new RangeError('a frame that needs a dictionary');
  const blockMax = blockBytesMax[(block >> 4) & 7];
  if (blockMax === undefined) throw new RangeError('a frame with no valid block size');
  const hasSize = (flag & flags.contentSize) !== 0;
  const end = start + (hasSize ? 14 : 6);
  const [checksum] = bytesAt(packed, end, 1);
  if (((xxHash32(packed.subarray(start + 4, end)) >>> 8) & 0xff) !== checksum)
    throw new RangeError('the checksum of a frame header does not match');
  return {
    isIndependent: (flag & flags.isIndependent) !== 0,
    hasBlockChecksum: (flag & flags.blockChecksum) !== 0,
    hasContentChecksum: (flag & flags.contentChecksum) !== 0,
    contentSize: hasSize ? packed.readBigUInt64LE(start + 6) : undefined,
    blockMax,
    end: end + 1,
  };
}

/** @param windowStart matches reach back so far in the output: into the blocks before, where they are linked. */
function inflateBlock(block: Buffer, output: Output, windowStart: number): void {
  let at = 0;
  const length = (nibble: number): number => {
    let total = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; total += byte) {
      if (at >= block.length) throw cutShort();
      byte = block[at++] ?? 0;
    }
    return total;
  };
  for (;;) {
    if (at >= block.length) throw cutShort();
    const token = block[at++] ?? 0;
    const literals = length(token >> 4);
    if (at + literals > block.length) throw cutShort();
    output.append(block, at, literals);
    at += literals;
    if (at === block.length) return; // a block ends with literals
    if (at + 2 > block.length) throw cutShort();
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    if (distance === 0 || distance > output.length - windowStart) throw new RangeError('a match before the beginning');
    output.repeat(distance, length(token & 15) + minMatch);
  }
}

/** Grows as it is filled, one reserved block ahead. */
class Output {
  #buffer = Buffer.allocUnsafe(0x10000);
  #room = 0;
  length = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** Until the next call no more than these may be added. */
  reserve(bytes: number): void {
    this.#room = bytes;
    if (this.length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.length + bytes));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
  }

  append(from: Buffer, at: number, bytes: number): void {
    const start = this.#take(bytes);
    if (bytes > shortBytes) from.copy(this.#buffer, start, at, at + bytes);
    else for (let done = 0; done < bytes; done++) this.#buffer[start + done] = from[at + done] ?? 0;
  }

  /** What stands `distance` back, and, where it is longer than that, itself over and over. */
  repeat(distance: number, bytes: number): void {
    const start = this.#take(bytes);
    const buffer = this.#buffer;
    if (bytes <= shortBytes) {
      for (let done = 0; done < bytes; done++) buffer[start + done] = buffer[start + done - distance] ?? 0;
      return;
    }
    for (let done = 0; done < bytes; ) {
      // What has been copied can be copied along: the source doubles each time.
      const run = Math.min(distance + done, bytes - done);
      buffer.copyWithin(start + done, start - distance, start - distance + run);
      done += run;
    }
  }

  /** @returns where they go. */
  #take(bytes: number): number {
    if (bytes > this.#room) throw new RangeError('a block is longer than the frame allows');
    const start = this.length;
    this.#room -= bytes;
    this.length += bytes;
    if (this.length > this.#bytesMax) throw new RangeError(`it is longer than ${this.#bytesMax} bytes`);
    return start;
  }
}

const cutShort = () => new RangeError('it is cut short');

function uint32(bytes: Buffer, at: number): number {
  return bytesAt(bytes, at, 4).readUInt32LE();
}

function bytesAt(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length > bytes.length) throw cutShort();
  return bytes.subarray(at, at + length);
}

const [prime1, prime2, prime3, prime4, prime5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;
const rotated = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** XXH32 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). */
function xxHash32(bytes: Buffer): number {
  const lanes = [prime1 + prime2, prime2, 0, -prime1] as [number, number, number, number];
  const round = (lane: number, word: number): number =>
    Math.imul(rotated((lane + Math.imul(word, prime2)) | 0, 13), prime1);
  let at = 0;
  for (; at + 16 <= bytes.length; at += 16) {
    lanes[0] = round(lanes[0], bytes.readInt32LE(at));
    lanes[1] = round(lanes[1], bytes.readInt32LE(at + 4));
    lanes[2] = round(lanes[2], bytes.readInt32LE(at + 8));
    lanes[3] = round(lanes[3], bytes.readInt32LE(at + 12));
  }
  let hash =
    at === 0 ? prime5 : rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12) + rotated(lanes[3], 18);
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4)
    hash = Math.imul(rotated((hash + Math.imul(bytes.readInt32LE(at), prime3)) | 0, 17), prime4);
  for (; at < bytes.length; at++) hash = Math.imul(rotated((hash + Math.imul(bytes[at] ?? 0, prime5)) | 0, 11), prime1);
  hash = Math.imul(hash ^ (hash >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
