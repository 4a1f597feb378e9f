import type { PtzVelocity } from '@dipper/contract/ptz';

export type PtzDirection = 'up' | 'down' | 'left' | 'right' | 'closer' | 'wider';
export type PtzSpeed = 'slow' | 'fast';

const SHARES: Readonly<Record<PtzSpeed, number>> = { slow: 0.2, fast: 0.8 };
const KEYS: Readonly<Record<string, PtzDirection>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  '+': 'closer',
  '=': 'closer',
  '-': 'wider',
};

/** Which way a key turns the camera. */
export function directionOf(key: string): PtzDirection | undefined {
  return Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
}

export function velocityOf(direction: PtzDirection, speed: PtzSpeed): PtzVelocity {
  const share = SHARES[speed];
  const still = { pan: 0, tilt: 0, zoom: 0 };
  switch (direction) {
    case 'up':
      return { ...still, tilt: share };
    case 'down':
      return { ...still, tilt: -share };
    case 'left':
      return { ...still, pan: -share };
    case 'right':
      return { ...still, pan: share };
    case 'closer':
      return { ...still, zoom: share };
    case 'wider':
      return { ...still, zoom: -share };
  }
}
