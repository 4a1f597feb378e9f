/** Splits an fMP4 stream of one H.264 track, fragment per frame, the way an edge's uplink does. */

export type LivePart =
  | { readonly kind: 'init'; readonly mime: string; readonly content: Buffer }
  | { readonly kind: 'key' | 'delta'; readonly content: Buffer };

/** ISO/IEC 14496-12 §4.2: size (32 bits, big endian, header included), then type. */
const BOX_HEADER_BYTES = 8;
/** ITU-T H.264 table 7-1: slice of an IDR picture. */
const IDR_SLICE = 5;

/** @returns takes chunks of any size, gives the parts that are complete */
export function createFragmentSplitter(): (chunk: Buffer) => LivePart[] {
  let rest = Buffer.alloc(0);
  let init: Buffer[] = [];
  let moof: Buffer | undefined;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const parts: LivePart[] = [];
    while (rest.length >= BOX_HEADER_BYTES) {
      const size = rest.readUInt32BE(0);
      if (rest.length < size) break;
      const type = rest.toString('latin1', 4, BOX_HEADER_BYTES);
      const box = rest.subarray(0, size);
      rest = rest.subarray(size);
      if (type === 'ftyp') init = [box];
      else if (type === 'moov') {
        parts.push({ kind: 'init', mime: mimeOf(box), content: Buffer.concat([...init, box]) });
      } else if (type === 'moof') moof = box;
      else if (type === 'mdat' && moof !== undefined) {
        parts.push({ kind: hasIdr(box) ? 'key' : 'delta', content: Buffer.concat([moof, box]) });
        moof = undefined;
      }
    }
    return parts;
  };
}

/** RFC 6381 §3.3: profile, constraints and level are bytes 1 to 3 of the avcC record (ISO/IEC 14496-15 §5.3.3.1). */
function mimeOf(moov: Buffer): string {
  const record = moov.indexOf('avcC', 0, 'latin1') + 4;
  return `video/mp4; codecs="avc1.${moov.toString('hex', record + 1, record + 4)}"`;
}

/** NAL units in MP4 have their length (32 bits) before them. */
function hasIdr(mdat: Buffer): boolean {
  for (let at = BOX_HEADER_BYTES; at + 5 <= mdat.length; at += 4 + mdat.readUInt32BE(at)) {
    if ((mdat.readUInt8(at + 4) & 0x1f) === IDR_SLICE) return true;
  }
  return false;
}
