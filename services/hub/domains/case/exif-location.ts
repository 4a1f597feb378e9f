/** Where a picture was taken. */
export interface ExifLocation {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

/** Tags of Exif 2.32, §4.6. */
const GPS_IFD = 0x8825;
const LATITUDE_REF = 1;
const LATITUDE = 2;
const LONGITUDE_REF = 3;
const LONGITUDE = 4;
const ENTRY_BYTES = 12;
/** TIFF 6.0, §2: a value of more than four bytes lies elsewhere, at the offset that the entry holds. */
const VALUE_AT = 8;

/**
 * Reads the GPS position out of an Exif block as libvips hands it over, `Exif\0\0` and a TIFF file behind it. Anything
 * that does not fit is no position: the block comes from outside.
 */
export function locationFromExif(exif: Buffer): ExifLocation | undefined {
  const tiff = exif.subarray(exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0);
  try {
    const order = tiff.toString('latin1', 0, 2);
    if (order !== 'II' && order !== 'MM') return undefined;
    const reader = createReader(tiff, order === 'II');
    const gps = reader.entry(reader.uint32(4), GPS_IFD);
    if (gps === undefined) return undefined;
    const directory = reader.uint32(gps + VALUE_AT);
    const latitudeDeg = reader.angleDeg(directory, LATITUDE, LATITUDE_REF, 'S');
    const longitudeDeg = reader.angleDeg(directory, LONGITUDE, LONGITUDE_REF, 'W');
    const isPosition = Math.abs(latitudeDeg) <= 90 && Math.abs(longitudeDeg) <= 180;
    return isPosition ? { latitudeDeg, longitudeDeg } : undefined;
  } catch (error) {
    // Offsets that lead out of the block.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function createReader(tiff: Buffer, isLittleEndian: boolean) {
  const uint16 = (at: number): number => (isLittleEndian ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const uint32 = (at: number): number => (isLittleEndian ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const entry = (directory: number, tag: number): number | undefined => {
    const count = uint16(directory);
    for (let index = 0; index < count; index += 1) {
      const at = directory + 2 + index * ENTRY_BYTES;
      if (uint16(at) === tag) return at;
    }
    return undefined;
  };
  return {
    uint32,
    entry,
    /** Degrees, minutes and seconds, each a fraction of two integers; NaN where they are missing. */
    angleDeg(directory: number, tag: number, refTag: number, negative: string): number {
      const at = entry(directory, tag);
      const ref = entry(directory, refTag);
      if (at === undefined || ref === undefined) return Number.NaN;
      const values = uint32(at + VALUE_AT);
      const part = (index: number): number => uint32(values + index * 8) / uint32(values + index * 8 + 4);
      const degrees = part(0) + part(1) / 60 + part(2) / 3600;
      return tiff.toString('latin1', ref + VALUE_AT, ref + VALUE_AT + 1) === negative ? -degrees : degrees;
    },
  };
}
