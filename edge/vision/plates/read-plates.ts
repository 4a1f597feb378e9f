import type { PixelBox } from '../box.ts';
import { assertFrame, type RgbFrame } from '../frame.ts';
import { type PlateColour, plateColour } from './plate-colour.ts';
import { type DecodedPlate, type DecodedPlates, decodePlate, type PlateAlphabet } from './plate-decoder.ts';
import { type DetectorInput, type DetectorSide, plateDetectorInput, plateRecogniserInput } from './plate-input.ts';
import { boxAround, placeQuad, type Quad, sizeOf } from './quad.ts';
import { textRegions } from './text-regions.ts';
import { joinRows, lowerRowAlone, straight } from './two-rows.ts';

/** The two networks. What they give is valid until they are asked again. */
export interface PlateNetworks {
  /** @returns a probability for each pixel of the input */
  detect(input: DetectorInput): Promise<Float32Array>;
  /** @param input 3 × 48 × widthPx. @returns steps × classes */
  recognise(input: Float32Array, widthPx: number): Promise<Float32Array>;
}

/** One plate in one picture. One is never enough to act upon: see plate-tracker.ts. */
export interface PlateReading {
  readonly text: string;
  /** 0..1 */
  readonly confidence: number;
  readonly colour: PlateColour;
  /** Of the line of text, in pixels of the frame. */
  readonly quad: Quad;
  readonly box: PixelBox;
}

/** What a picture shows. */
export interface PlateFindings {
  readonly plates: PlateReading[];
  /** Small lines of a plate's shape that were not read surely: a larger picture may show what they are. */
  readonly tooSmall: PixelBox[];
}

export interface ReadPlatesOptions {
  readonly networks: PlateNetworks;
  readonly alphabet: PlateAlphabet;
  /** Default 640. */
  readonly side?: DetectorSide;
}

/** Text of these shapes may be a plate: 3.1 × as wide as high head-on, down to half of that from the side. */
const ASPECT = { min: 1.5, max: 6.5 } as const;
/** Below, nothing can be told from texture. */
const MIN_HEIGHT_PX = 6;
/** Below, the recogniser guesses. */
const MIN_READ_HEIGHT_PX = 10;
/** From here on a larger picture shows no more: grown as they are, lines of a plate 20 pixels high are as high as this. */
const CLEAR_HEIGHT_PX = 24;
/** A reading of this confidence needs no larger picture. */
const SURE = 0.9;
/** A steeper line is no plate of a car that drives in. */
const MAX_TILT = Math.tan((45 * Math.PI) / 180);
/** So many lines of a picture are read, the likeliest first: a wall of posters must not hold up the gate. */
const MAX_LINES = 8;
/** Text that is no plate, forced into the grammar, stays below: tests and the bench try signs as they stand at gates. */
const MIN_CONFIDENCE = 0.6;

/**
 * Finds and reads the plates in a picture: lines of text of a plate's shape, straightened, read as what the grammar of plates
 * allows, and dropped where that does not fit what is there.
 * @throws VisionError FRAME_INVALID
 */
export async function readPlates(frame: RgbFrame, options: ReadPlatesOptions): Promise<PlateFindings> {
  assertFrame(frame);
  const { networks, alphabet, side = 640 } = options;
  const input = await plateDetectorInput(frame, side);
  const map = await networks.detect(input);
  const scale = { x: frame.widthPx / input.widthPx, y: frame.heightPx / input.heightPx };
  const lines = textRegions(map, input.widthPx, input.heightPx)
    .map(({ quad, score }) => ({ quad: placeQuad(quad, scale, { xPx: 0, yPx: 0 }), score }))
    .filter(({ quad }) => mayBePlate(quad))
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_LINES);

  async function decode(line: RgbFrame): Promise<DecodedPlates> {
    return decodePlate(await networks.recognise(plateRecogniserInput(line), line.widthPx), alphabet);
  }

  async function readRows(quad: Quad): Promise<DecodedPlate | undefined> {
    const { ordinary } = await decode(joinRows(frame, quad));
    const alone = (ordinary?.confidence ?? 0) < MIN_CONFIDENCE ? lowerRowAlone(quad) : undefined;
    return alone === undefined ? ordinary : (await decode(joinRows(frame, alone))).ordinary;
  }

  async function readLine(quad: Quad): Promise<PlateReading | undefined> {
    const line = straight(frame, quad);
    const colour = plateColour(line);
    let plate = plateOfColour(await decode(line), colour);
    // The lower row of a yellow plate is no plate by itself.
    if (colour === 'yellow' && (plate?.confidence ?? 0) < MIN_CONFIDENCE) plate = await readRows(quad);
    if (plate === undefined || plate.confidence < MIN_CONFIDENCE) return undefined;
    return { ...plate, colour, quad, box: boxAround(quad) };
  }

  const plates: PlateReading[] = [];
  const tooSmall: PixelBox[] = [];
  for (const { quad } of lines) {
    const size = sizeOf(quad);
    const read = size.heightPx < MIN_READ_HEIGHT_PX ? undefined : await readLine(quad);
    if (size.heightPx < CLEAR_HEIGHT_PX && (read?.confidence ?? 0) < SURE) tooSmall.push(boxAround(quad));
    if (read !== undefined) plates.push(read);
  }
  return { plates, tooSmall };
}

function mayBePlate(quad: Quad): boolean {
  const { widthPx, heightPx } = sizeOf(quad);
  const [upperLeft, upperRight] = quad;
  const tilt = Math.abs(upperRight.yPx - upperLeft.yPx) / Math.max(1, Math.abs(upperRight.xPx - upperLeft.xPx));
  const aspect = widthPx / heightPx;
  return heightPx >= MIN_HEIGHT_PX && aspect >= ASPECT.min && aspect <= ASPECT.max && tilt <= MAX_TILT;
}

/** Green plates have eight characters, all others seven (GA 36-2018); where the colour is not known, the likelier text. */
function plateOfColour({ ordinary, newEnergy }: DecodedPlates, colour: PlateColour): DecodedPlate | undefined {
  if (colour === 'green') return newEnergy;
  if (colour !== 'unknown') return ordinary;
  return (newEnergy?.confidence ?? 0) > (ordinary?.confidence ?? 0) ? newEnergy : ordinary;
}
