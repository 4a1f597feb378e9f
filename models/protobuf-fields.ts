/**
 * One field of a protobuf message, as it lies in the bytes.
 * https://protobuf.dev/programming-guides/encoding/
 */
export interface ProtobufField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wireType: 0 | 1 | 2 | 5;
  /** Where the field's content begins and ends in the buffer walked. */
  readonly start: number;
  readonly end: number;
  /** The value of a varint, exact up to 2^53; undefined for other wire types. */
  readonly value: number | undefined;
}

/**
 * Walks the fields of the message that lies in `bytes` from `start` to `end`, without copying and without descending.
 * @throws RangeError when the bytes are not a protobuf message
 */
export function* protobufFields(bytes: Uint8Array, start = 0, end = bytes.length): Generator<ProtobufField> {
  let position = start;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 10; shift += 1) {
      const byte = position < end ? bytes[position] : undefined;
      if (byte === undefined) break;
      position += 1;
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if (byte < 0x80) return value;
    }
    throw new RangeError(`no varint ends at byte ${position}`);
  };
  while (position < end) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) {
      const contentStart = position;
      const value = varint();
      yield { number, wireType, start: contentStart, end: position, value };
      continue;
    }
    if (wireType !== 1 && wireType !== 2 && wireType !== 5) {
      throw new RangeError(`wire type ${wireType} before byte ${position}`);
    }
    const length = wireType === 2 ? varint() : wireType === 1 ? 8 : 4;
    if (position + length > end) throw new RangeError(`field ${number} ends after its message, at byte ${position}`);
    yield { number, wireType, start: position, end: position + length, value: undefined };
    position += length;
  }
}
