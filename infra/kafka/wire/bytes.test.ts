import { expect, test } from 'vitest';
import { WireReader, WireWriter } from './bytes.ts';

const roundTrip = (write: (writer: WireWriter) => unknown): WireReader => {
  const writer = new WireWriter(1); // so small that every write must grow it
  write(writer);
  return new WireReader(writer.bytes());
};

test.each([0, 1, 127, 128, 300, 16_383, 16_384, 2 ** 31 - 1])('varint %d', (value) => {
  expect(roundTrip((writer) => writer.unsignedVarint(value)).unsignedVarint()).toBe(value);
});

test('offsets beyond 2^53 and negative ones', () => {
  const reader = roundTrip((writer) => writer.int64(9_007_199_254_740_993n).int64(-1n).int32(-2).int8(1));
  expect([reader.int64(), reader.int64(), reader.int32(), reader.boolean()]).toEqual([
    9_007_199_254_740_993n,
    -1n,
    -2,
    true,
  ]);
});

test('strings are counted in bytes', () => {
  const reader = roundTrip((writer) => writer.string('잔액').compactString('잔액').string(''));
  expect([reader.string(), reader.compactString(), reader.string()]).toEqual(['잔액', '잔액', '']);
});

test('arrays, absent ones included', () => {
  const reader = roundTrip((writer) => writer.array([1, 2], (item) => writer.int32(item)).array(null, () => {}));
  expect([reader.array(() => reader.int32()), reader.array(() => reader.int32())]).toEqual([[1, 2], []]);
});

test('tagged fields that are not known are skipped', () => {
  const reader = roundTrip((writer) => {
    writer.compactArray([7], (item) => {
      writer.int32(item).unsignedVarint(2); // two tagged fields
      writer.unsignedVarint(0).unsignedVarint(3).int8(1).int8(2).int8(3);
      writer.unsignedVarint(5).unsignedVarint(1).int8(9);
    });
    writer.int32(42);
  });
  expect(reader.compactArray(() => reader.int32())).toEqual([7]);
  expect(reader.int32()).toBe(42);
});

test('an answer cut short is an error, not zeros', () => {
  expect(() => roundTrip((writer) => writer.int32(1)).int64()).toThrow(RangeError);
});
