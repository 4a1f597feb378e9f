import { type Box, BoxReader } from './box-reader.ts';
import { type Fragment, readFragment, readProducerReferenceTime } from './fragment.ts';
import { type InitSegment, readInitSegment } from './init-segment.ts';
import { VideoError } from './video-error.ts';

export type Segment =
  | { readonly kind: 'init'; readonly init: InitSegment }
  | { readonly kind: 'fragment'; readonly init: InitSegment; readonly fragment: Fragment };

export interface Fmp4ParserOptions {
  /** The largest box accepted, and so the most that is ever held. */
  readonly maxBoxBytes: number;
}

/** A key frame of a 4K camera has about 1 MB. */
export const COMPRESSED_MAX_BOX_BYTES = 8 * 1024 * 1024;

/** Boxes that stand between fragments and say nothing we need. */
const IGNORED = new Set(['styp', 'sidx', 'free', 'skip', 'emsg', 'mfra', 'uuid']);

/**
 * Reads what ffmpeg's MP4 muxer writes with `frag_every_frame+empty_moov+default_base_moof`, piece by piece.
 * An error is final: the stream has lost its footing, and so has its reader.
 */
export class Fmp4Parser {
  readonly #boxes: BoxReader;
  #ftyp: Box | undefined;
  #init: InitSegment | undefined;
  #moof: Box | undefined;
  #senderAtMs: number | undefined;

  constructor(options: Fmp4ParserOptions) {
    this.#boxes = new BoxReader(options);
  }

  /**
   * Takes the next piece of the stream and gives what it completes.
   * @throws VideoError MP4_INVALID, MP4_BOX_TOO_LARGE, STREAM_CODEC_UNSUPPORTED, PARAMETER_SETS_INVALID
   */
  *push(chunk: Buffer): Generator<Segment, void> {
    for (const box of this.#boxes.push(chunk)) {
      const segment = this.#take(box);
      if (segment !== undefined) yield segment;
    }
  }

  /** To be called at the end of the stream. @throws VideoError MP4_TRUNCATED when it ends inside a fragment */
  end(): void {
    this.#boxes.end();
    if (this.#moof !== undefined) throw new VideoError('MP4_TRUNCATED');
  }

  #take(box: Box): Segment | undefined {
    switch (box.type) {
      case 'ftyp':
        this.#ftyp = box;
        return undefined;
      case 'moov':
        return this.#takeMoov(box);
      case 'prft':
        this.#senderAtMs = readProducerReferenceTime(box);
        return undefined;
      case 'moof':
        if (this.#moof !== undefined) throw outOfOrder(box);
        this.#moof = box;
        return undefined;
      case 'mdat':
        return this.#takeMdat(box);
      default:
        if (!IGNORED.has(box.type)) throw new VideoError('MP4_INVALID', { detail: 'an unknown box' });
        return undefined;
    }
  }

  #takeMoov(moov: Box): Segment {
    if (this.#ftyp === undefined || this.#init !== undefined) throw outOfOrder(moov);
    this.#init = readInitSegment(this.#ftyp, moov);
    return { kind: 'init', init: this.#init };
  }

  #takeMdat(mdat: Box): Segment {
    const moof = this.#moof;
    if (this.#init === undefined || moof === undefined) throw outOfOrder(mdat);
    const fragment = readFragment(this.#init, moof, mdat, this.#senderAtMs);
    this.#moof = undefined;
    this.#senderAtMs = undefined;
    return { kind: 'fragment', init: this.#init, fragment };
  }
}

function outOfOrder(box: Box): VideoError {
  return new VideoError('MP4_INVALID', { detail: `${box.type} out of order` });
}
