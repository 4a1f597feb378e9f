import { FRAMES_PER_SEC } from './walk.ts';

/** Where a vehicle is at one frame of the loop, in pixels of the main stream. */
export interface VehiclePose {
  readonly vehicle: number;
  /** Middle of the vehicle's front. */
  readonly xPx: number;
  readonly yPx: number;
  /** 1 where it stops before the barrier: the plate is then 154 pixels wide, in the sub-stream 77. */
  readonly scale: number;
}

/** Who drives through the vehicle scenes, in order; the last one is parked beside the lane all the time. */
export const VEHICLES = [
  { plate: '京A12345', paint: '#8f2a2c' },
  { plate: '沪BF67890', paint: '#2f5d50' },
  { plate: '苏E8H3K6', paint: '#5b6068' },
] as const;

/** The plates of those that drive up, as an edge should read them. */
export const DRIVING_PLATES = [VEHICLES[0].plate, VEHICLES[1].plate] as const;
export const PARKED_PLATE = VEHICLES[2].plate;

const PARKED: VehiclePose = { vehicle: 2, xPx: 300, yPx: 372, scale: 0.85 };

const seconds = (count: number) => Math.round(count * FRAMES_PER_SEC);
/** Of the first vehicle, and of the second after it; both within the shortest loop of 40 s. */
const STARTS = [seconds(2), seconds(11.5)] as const;
const APPROACH_FRAMES = seconds(5);
const STAND_FRAMES = seconds(2.5);
const LEAVE_FRAMES = seconds(1.6);

/** So many times farther than the barrier a vehicle comes into sight. */
const FAR_DISTANCE = 7;
const VANISHING = { xPx: 700, yPx: 150 } as const;
const STANDING = { xPx: 872, yPx: 384 } as const;

/** Farthest first, as they are drawn. */
export function vehiclePoses(frame: number): VehiclePose[] {
  const driving = STARTS.map((start, vehicle) => drivingPose(vehicle, frame - start)).filter(
    (pose) => pose !== undefined,
  );
  return [PARKED, ...driving].toSorted((a, b) => a.scale - b.scale);
}

function drivingPose(vehicle: number, frame: number): VehiclePose | undefined {
  if (frame < 0) return undefined;
  if (frame < APPROACH_FRAMES) {
    // It brakes: half of the way takes a fifth of the time.
    const left = (1 - frame / APPROACH_FRAMES) ** 2;
    return onRoad(vehicle, 1 / (1 + (FAR_DISTANCE - 1) * left));
  }
  if (frame < APPROACH_FRAMES + STAND_FRAMES) return onRoad(vehicle, 1);
  const progress = (frame - APPROACH_FRAMES - STAND_FRAMES) / LEAVE_FRAMES;
  if (progress >= 1) return undefined;
  // Past the camera, out of the picture at its lower edge.
  const pose = onRoad(vehicle, 1 + 0.6 * progress ** 1.5);
  return { ...pose, yPx: pose.yPx + 620 * progress ** 1.5 };
}

/** On the straight line from the vanishing point to the barrier, as perspective has it. */
function onRoad(vehicle: number, scale: number): VehiclePose {
  return {
    vehicle,
    xPx: VANISHING.xPx + (STANDING.xPx - VANISHING.xPx) * scale,
    yPx: VANISHING.yPx + (STANDING.yPx - VANISHING.yPx) * scale,
    scale,
  };
}
