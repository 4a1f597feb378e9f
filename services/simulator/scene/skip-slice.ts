import { SimulatorError } from '../simulator-error.ts';

/**
 * P slices that repeat the picture before them exactly, for a frozen camera: every macroblock is skipped, which in a
 * picture without motion copies it, and the deblocking filter is off (ITU-T H.264, 7.3.3, 7.3.4, 8.4.1.1).
 */
export interface SkipSliceMaker {
  /** @param positionInGroup frames since the key frame, at least 1 */
  make(positionInGroup: number): Buffer;
}

/** @throws SimulatorError SCENE_RENDERING_FAILED if the parameter sets use what these slices do not speak (CABAC, fields, weights) */
export function createSkipSliceMaker(sps: Buffer, pps: Buffer): SkipSliceMaker {
  const sequence = readSps(sps);
  checkPps(pps);
  return {
    make(positionInGroup) {
      const bits = new BitWriter();
      bits.unsigned(0); // first_mb_in_slice
      bits.unsigned(5); // slice_type: P, and so is the whole picture
      bits.unsigned(0); // pic_parameter_set_id
      bits.fixed(positionInGroup % 2 ** sequence.frameNumBits, sequence.frameNumBits);
      bits.fixed(0, 1); // num_ref_idx_active_override_flag
      bits.fixed(0, 1); // ref_pic_list_modification_flag_l0
      bits.fixed(0, 1); // adaptive_ref_pic_marking_mode_flag
      bits.unsigned(0); // slice_qp_delta (se: 0)
      bits.unsigned(1); // disable_deblocking_filter_idc
      bits.unsigned(sequence.macroblocks); // mb_skip_run
      return Buffer.concat([Buffer.from([0x41]), escapeStartCodes(bits.finish())]);
    },
  };
}

function readSps(sps: Buffer): { frameNumBits: number; macroblocks: number } {
  const bits = new BitReader(sps.subarray(4));
  const profile = sps[1];
  bits.unsigned(); // seq_parameter_set_id
  const frameNumBits = bits.unsigned() + 4;
  const pictureOrderType = bits.unsigned();
  if (profile !== 66 || pictureOrderType !== 2) throw unsupported('sequence parameter set');
  bits.unsigned(); // max_num_ref_frames
  bits.fixed(1); // gaps_in_frame_num_value_allowed_flag
  const widthMacroblocks = bits.unsigned() + 1;
  const heightMacroblocks = bits.unsigned() + 1;
  if (bits.fixed(1) !== 1) throw unsupported('interlaced pictures');
  return { frameNumBits, macroblocks: widthMacroblocks * heightMacroblocks };
}

function checkPps(pps: Buffer): void {
  const bits = new BitReader(pps.subarray(1));
  const [id, sequenceId] = [bits.unsigned(), bits.unsigned()];
  const isCabac = bits.fixed(1) === 1;
  const hasBottomOrder = bits.fixed(1) === 1;
  const sliceGroups = bits.unsigned() + 1;
  bits.unsigned(); // num_ref_idx_l0_default_active_minus1
  bits.unsigned(); // num_ref_idx_l1_default_active_minus1
  const weighting = bits.fixed(3);
  bits.unsigned(); // pic_init_qp_minus26, signed: same length
  bits.unsigned(); // pic_init_qs_minus26
  bits.unsigned(); // chroma_qp_index_offset
  const hasDeblockingControl = bits.fixed(1) === 1;
  bits.fixed(1); // constrained_intra_pred_flag
  const hasRedundantPictures = bits.fixed(1) === 1;
  const isPlain = id === 0 && sequenceId === 0 && sliceGroups === 1 && weighting === 0;
  if (!isPlain || isCabac || hasBottomOrder || !hasDeblockingControl || hasRedundantPictures) {
    throw unsupported('picture parameter set');
  }
}

function unsupported(what: string): SimulatorError {
  return new SimulatorError(
    'SCENE_RENDERING_FAILED',
    `This ffmpeg's libx264 wrote a ${what} that the simulator cannot freeze; use ffmpeg 5 or newer with libx264.`,
  );
}

class BitWriter {
  #bits: number[] = [];

  fixed(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push((value >> bit) & 1);
  }

  /** Exp-Golomb, ue(v) (9.1). */
  unsigned(value: number): void {
    const length = Math.floor(Math.log2(value + 1));
    this.fixed(0, length);
    this.fixed(value + 1, length + 1);
  }

  /** Ends with rbsp_slice_trailing_bits: a 1, then zeros up to the byte (7.3.2.11). */
  finish(): Buffer {
    this.#bits.push(1);
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
    const bytes = Buffer.alloc(this.#bits.length / 8);
    this.#bits.forEach((bit, index) => {
      bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (7 - (index & 7)));
    });
    return bytes;
  }
}

class BitReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = removeEmulation(bytes);
  }

  fixed(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.#at++) {
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  /** Exp-Golomb, ue(v) (9.1). */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && this.fixed(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.fixed(zeros);
  }
}

/** Inserts emulation_prevention_three_byte (7.4.1). */
function escapeStartCodes(payload: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(out);
}

function removeEmulation(payload: Buffer): Buffer {
  return Buffer.from(
    payload.filter((byte, at) => !(byte === 3 && at >= 2 && payload[at - 1] === 0 && payload[at - 2] === 0)),
  );
}
