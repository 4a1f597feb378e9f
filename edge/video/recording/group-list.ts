import type { GroupEntry } from './segment-format.ts';

const ENTRY_BYTES = 12;

/** Twelve bytes a group, where JSON takes sixty: a day of one camera has 43,000. Offset (32 bit), then time (64 bit float). */
export function packGroups(groups: readonly GroupEntry[]): Buffer {
  const packed = Buffer.alloc(groups.length * ENTRY_BYTES);
  for (const [place, { offset, atMs }] of groups.entries()) {
    packed.writeUInt32BE(offset, place * ENTRY_BYTES);
    packed.writeDoubleBE(atMs, place * ENTRY_BYTES + 4);
  }
  return packed;
}

export function unpackGroups(packed: Uint8Array): GroupEntry[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  return Array.from({ length: Math.floor(bytes.length / ENTRY_BYTES) }, (_, place) => ({
    offset: bytes.readUInt32BE(place * ENTRY_BYTES),
    atMs: bytes.readDoubleBE(place * ENTRY_BYTES + 4),
  }));
}
