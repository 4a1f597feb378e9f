import { protobufFields } from '@dipper/models/protobuf-fields';
import { zeroDenormals } from '@dipper/models/zero-denormals';
import { describe, expect, test } from 'vitest';

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
const int = (number: number, value: number) => [...varint(number * 8), ...varint(value)];
const bytes = (number: number, content: Iterable<number>) => {
  const all = [...content];
  return [...varint(number * 8 + 2), ...varint(all.length), ...all];
};
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
/** ModelProto with one graph of these initializers, between other fields. */
const model = (...tensors: number[][]) =>
  Uint8Array.from([
    ...int(1, 8),
    ...bytes(7, [...bytes(2, Buffer.from('graph')), ...tensors.flatMap((tensor) => bytes(5, tensor))]),
    ...bytes(8, int(2, 17)),
  ]);
const FLOAT = 1;
const INT64 = 7;

describe('the fields of a protobuf message', () => {
  test('are found with their place; varints keep values beyond 32 bits', () => {
    // The examples of the encoding guide, and 2^40.
    const message = Uint8Array.from([
      0x08, 0x96, 0x01, 0x12, 0x02, 0x68, 0x69, 0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20,
    ]);
    expect([...protobufFields(message)]).toEqual([
      { number: 1, wireType: 0, start: 1, end: 3, value: 150 },
      { number: 2, wireType: 2, start: 5, end: 7, value: undefined },
      { number: 3, wireType: 0, start: 8, end: 14, value: 2 ** 40 },
    ]);
  });

  test.each([
    ['a varint without end', [0x08, 0x96]],
    ['a varint of eleven bytes', [0x08, ...Array(10).fill(0x80), 0x01]],
    ['a field longer than its message', [0x12, 0x05, 0x68]],
    ['a wire type that is none', [0x0b]],
  ])('%s is refused', (_what, message) => {
    expect(() => [...protobufFields(Uint8Array.from(message))]).toThrow(RangeError);
  });
});

describe('setting denormal weights to zero', () => {
  const threshold = 1e-15;

  test('touches only what is below the threshold', () => {
    const before = model([...int(2, FLOAT), ...bytes(9, floats(1, -1e-16, 0, 1e-40, 2e-15, -0.5))]);
    const after = model([...int(2, FLOAT), ...bytes(9, floats(1, 0, 0, 0, 2e-15, -0.5))]);
    const zeroed = zeroDenormals(before, threshold);
    expect(zeroed.zeroedCount).toBe(2);
    expect(zeroed.bytes).toEqual(after);
  });

  test('finds weights in float_data, packed or one by one, and before their data type', () => {
    const single = [...varint(4 * 8 + 5), ...floats(1e-20)];
    const before = model([...bytes(4, floats(1e-20, 3)), ...int(2, FLOAT)], [...int(2, FLOAT), ...single]);
    expect(zeroDenormals(before, threshold).zeroedCount).toBe(2);
  });

  test('leaves other data types and the given bytes as they are', () => {
    const before = model([...int(2, INT64), ...bytes(9, [1, 0, 0, 0, 0, 0, 0, 0])]);
    const copy = Uint8Array.from(before);
    expect(zeroDenormals(before, threshold)).toEqual({ bytes: copy, zeroedCount: 0 });
    const floating = model([...int(2, FLOAT), ...bytes(9, floats(1e-20))]);
    zeroDenormals(floating, threshold);
    expect(floating).toEqual(model([...int(2, FLOAT), ...bytes(9, floats(1e-20))]));
  });
});
