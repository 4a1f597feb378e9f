/**
 * The two things that a decoder wants to know of fragmented MP4 (ISO/IEC 14496-12 §4.2) as the edge sends it: its
 * configuration, and the bytes of a picture. Views, not copies.
 */

const SIZE_AND_TYPE_BYTES = 8;
/** A size of 1: the real one follows in eight bytes. */
const LARGE_BYTES = 16;
/** Version, flags and number of entries, §8.5.2. */
const STSD_BYTES = 8;
/** SampleEntry (§8.5.2.2) and the fields of VisualSampleEntry (§12.1.3.2) stand before the boxes in it. */
const VISUAL_ENTRY_BYTES = 78;

const CONFIGURATIONS: Readonly<Record<string, string>> = { avc1: 'avcC', hvc1: 'hvcC', hev1: 'hvcC' };

/** AVCDecoderConfigurationRecord or HEVCDecoderConfigurationRecord of an init segment; undefined where there is none. */
export function decoderConfiguration(init: Uint8Array): Uint8Array | undefined {
  let content: Uint8Array | undefined = init;
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd']) content = content && find(content, type);
  for (const { type, content: entry } of boxes(content?.subarray(STSD_BYTES))) {
    const configuration = CONFIGURATIONS[type];
    if (configuration !== undefined) return find(entry.subarray(VISUAL_ENTRY_BYTES), configuration);
  }
  return undefined;
}

/** Content of the `mdat` of a fragment, which is one picture; undefined where there is none. */
export function pictureBytes(fragment: Uint8Array): Uint8Array | undefined {
  return find(fragment, 'mdat');
}

function find(bytes: Uint8Array, wanted: string): Uint8Array | undefined {
  for (const { type, content } of boxes(bytes)) if (type === wanted) return content;
  return undefined;
}

function* boxes(bytes: Uint8Array | undefined): Generator<{ readonly type: string; readonly content: Uint8Array }> {
  if (bytes === undefined) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + SIZE_AND_TYPE_BYTES <= bytes.length; ) {
    const shortSize = view.getUint32(at);
    const isLarge = shortSize === 1 && at + LARGE_BYTES <= bytes.length;
    const size = isLarge ? Number(view.getBigUint64(at + SIZE_AND_TYPE_BYTES)) : shortSize;
    const headBytes = isLarge ? LARGE_BYTES : SIZE_AND_TYPE_BYTES;
    // A size of 0 (to the end of the file) has no place in a stream.
    if (size < headBytes || at + size > bytes.length) return;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + SIZE_AND_TYPE_BYTES));
    yield { type, content: bytes.subarray(at + headBytes, at + size) };
    at += size;
  }
}
