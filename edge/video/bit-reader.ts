import { VideoError } from './video-error.ts';

/** Reads the bits of a raw byte sequence payload, ITU-T H.264 §7.2 and §9.1. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(rbsp: Uint8Array) {
    this.#bytes = rbsp;
  }

  /** @param count 0..32 @throws VideoError PARAMETER_SETS_INVALID at the end of the payload */
  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index++) {
      const byte = this.#bytes[this.#position >> 3];
      if (byte === undefined) throw new VideoError('PARAMETER_SETS_INVALID', { detail: 'cut short' });
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
      this.#position++;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** ue(v), §9.1 */
  unsignedGolomb(): number {
    let zeros = 0;
    while (!this.flag())
      if (++zeros > 32) throw new VideoError('PARAMETER_SETS_INVALID', { detail: 'Exp-Golomb code' });
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v), §9.1.1 */
  signedGolomb(): number {
    const code = this.unsignedGolomb();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** Takes out the emulation prevention bytes of a NAL unit, §7.4.1: 00 00 03 stands for 00 00. */
export function rawPayload(nal: Uint8Array): Uint8Array {
  const payload = new Uint8Array(nal.length);
  let length = 0;
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    payload[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return payload.subarray(0, length);
}
