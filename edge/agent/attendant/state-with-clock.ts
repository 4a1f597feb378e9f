import type { CameraState } from '../camera/camera-state.ts';
import type { CameraClockState } from './camera-clock.ts';

/** A camera's state is told by its runner, and its clock by its attendant: both as one message. */
export function createStateWithClock(publish: (state: CameraState) => void) {
  let state: CameraState | undefined;
  let clock: CameraClockState | undefined;
  const tell = (): void => {
    if (state !== undefined) publish({ ...state, ...(clock !== undefined && { clock }) });
  };
  return {
    setState(next: CameraState): void {
      state = next;
      tell();
    },
    setClock(next: CameraClockState): void {
      clock = next;
      tell();
    },
  };
}
