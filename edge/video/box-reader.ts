import { VideoError } from './video-error.ts';

/** A box of ISO/IEC 14496-12 §4.2, whole. */
export interface Box {
  /** Four characters, e.g. `moof`. */
  readonly type: string;
  /** Header and content, as they came. */
  readonly bytes: Buffer;
  /** The content alone, a view into `bytes`. */
  readonly content: Buffer;
}

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;

interface Header {
  readonly type: string;
  readonly headerBytes: number;
  readonly sizeBytes: number;
}

/** Names of boxes by their four bytes: to decode each anew was a tenth of what an idle camera cost. Streams have a dozen. */
const names = new Map<number, string>();
const MAX_NAMES = 256;

function typeAt(bytes: Buffer, offset: number): string {
  const key = bytes.readUInt32BE(offset);
  const known = names.get(key);
  if (known !== undefined) return known;
  const type = bytes.toString('latin1', offset, offset + 4);
  if (names.size < MAX_NAMES) names.set(key, type);
  return type;
}

/** @returns undefined when the header itself is not there yet */
function readHeader(bytes: Buffer, offset: number): Header | undefined {
  if (bytes.length - offset < HEADER_BYTES) return undefined;
  const size32 = bytes.readUInt32BE(offset);
  const type = typeAt(bytes, offset + 4);
  if (size32 !== 1) return { type, headerBytes: HEADER_BYTES, sizeBytes: size32 };
  if (bytes.length - offset < LARGE_HEADER_BYTES) return undefined;
  // Number: a size beyond 2^53 is refused by the cap in any case.
  return { type, headerBytes: LARGE_HEADER_BYTES, sizeBytes: Number(bytes.readBigUInt64BE(offset + 8)) };
}

function checkSize({ type, headerBytes, sizeBytes }: Header, maxBytes: number): void {
  // Size 0 means "to the end of the file", which a live stream does not have.
  if (sizeBytes < headerBytes) throw new VideoError('MP4_INVALID', { detail: `size of ${printable(type)}` });
  if (sizeBytes > maxBytes) throw new VideoError('MP4_BOX_TOO_LARGE', { detail: printable(type) });
}

function printable(type: string): string {
  return /^[\x20-\x7e]{4}$/.test(type) ? type : 'an unnamed box';
}

/**
 * Cuts a byte stream into top-level boxes. Holds at most one unfinished box; each byte is copied at most once, however
 * small the pieces in which a large box arrives.
 */
export class BoxReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  /** Size of the box being collected; 0 while even its header is unfinished. */
  #wantedBytes = 0;

  /** @param options.maxBoxBytes a larger box is an error: it is the most this reader ever holds */
  constructor(options: { readonly maxBoxBytes: number }) {
    this.#maxBytes = options.maxBoxBytes;
  }

  /**
   * Takes the next piece of the stream and gives the boxes it completes.
   * @throws VideoError MP4_INVALID, MP4_BOX_TOO_LARGE
   */
  *push(chunk: Buffer): Generator<Box, void> {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    while (this.#heldBytes >= Math.max(this.#wantedBytes, HEADER_BYTES)) {
      const held = this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
      this.#chunks = [held];
      const header = readHeader(held, 0);
      if (header === undefined) return;
      checkSize(header, this.#maxBytes);
      this.#wantedBytes = header.sizeBytes;
      if (held.length < header.sizeBytes) return;
      const bytes = held.subarray(0, header.sizeBytes);
      const rest = held.subarray(header.sizeBytes);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#heldBytes = rest.length;
      this.#wantedBytes = 0;
      yield { type: header.type, bytes, content: bytes.subarray(header.headerBytes) };
    }
  }

  /** To be called at the end of the stream. @throws VideoError MP4_TRUNCATED when a box is unfinished */
  end(): void {
    if (this.#heldBytes > 0) throw new VideoError('MP4_TRUNCATED');
  }
}

/**
 * The boxes inside a box's content.
 * @throws VideoError MP4_INVALID when they do not fill it exactly
 */
export function* childBoxes(content: Buffer): Generator<Box, void> {
  let offset = 0;
  while (offset < content.length) {
    const header = readHeader(content, offset);
    if (header === undefined) throw new VideoError('MP4_INVALID', { detail: 'a box is cut short' });
    checkSize(header, Number.MAX_SAFE_INTEGER);
    const end = offset + header.sizeBytes;
    if (end > content.length) throw new VideoError('MP4_INVALID', { detail: 'a box is larger than its parent' });
    const bytes = content.subarray(offset, end);
    yield { type: header.type, bytes, content: bytes.subarray(header.headerBytes) };
    offset = end;
  }
}

/** The first inner box of this type. @throws VideoError MP4_INVALID when there is none, or the content is broken */
export function getChild(content: Buffer, type: string): Box {
  const box = findChild(content, type);
  if (box === undefined) throw new VideoError('MP4_INVALID', { detail: `no ${type}` });
  return box;
}

/** The first inner box of this type, if any. @throws VideoError MP4_INVALID when the content is broken */
export function findChild(content: Buffer, type: string): Box | undefined {
  for (const box of childBoxes(content)) if (box.type === type) return box;
  return undefined;
}
