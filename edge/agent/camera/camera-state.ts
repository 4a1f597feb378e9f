import type { StreamName } from '@dipper/contract/commands';
import type { DeviceStateMessage } from '@dipper/contract/device-state';
import type { StreamState } from '../../video/stream-state.ts';
import type { CameraAccess } from './camera-access.ts';
import type { CameraConnection } from './connection-watch.ts';

export type CameraState = Extract<DeviceStateMessage, { kind: 'camera' }>;
export type PictureState = CameraState['picture'];

export interface CameraStateBoard {
  /** @param blips times that it was gone for less than an outage */
  setConnection(connection: CameraConnection, blips?: number): void;
  setPicture(picture: PictureState): void;
  setAccess(access: CameraAccess): void;
  setStream(stream: StreamName, state: StreamState): void;
  /** Pictures given up to overload since the start. */
  setShed(shed: NonNullable<CameraState['shed']>): void;
}

/** Collects what the parts of a runner know into the camera's device state, and publishes it when it changed. */
export function createCameraState(device: string, publish: (state: CameraState) => void): CameraStateBoard {
  let state: CameraState | undefined;

  function update(change: Partial<CameraState>): void {
    if (state === undefined) return;
    const next = { ...state, ...change };
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    publish(next);
  }

  return {
    setConnection({ connection, sinceMs, cause, message }, blips = 0) {
      const { cause: _, message: __, ...rest } = state ?? { kind: 'camera', device, picture: 'unknown' };
      const next: CameraState = {
        ...rest,
        connection,
        since: new Date(sinceMs).toISOString(),
        ...(cause === undefined ? {} : { cause }),
        ...(message === undefined ? {} : { message }),
        ...(blips > 0 && { blips }),
      };
      state = next;
      publish(next);
    },
    setPicture: (picture) => update({ picture }),
    setAccess: ({ model, firmware }) =>
      update({
        ...(model === undefined ? {} : { model }),
        ...(firmware === undefined ? {} : { firmware }),
      }),
    setShed: (shed) => {
      if (shed.capture + shed.live + (shed.recording ?? 0) > 0) update({ shed });
    },
    setStream(stream, streamState) {
      if (streamState.kind !== 'online') return;
      const { widthPx, heightPx, format } = streamState.init;
      const codec = format.kind === 'h265' ? 'H.265' : 'H.264';
      update({ streams: { ...state?.streams, [stream]: `${codec} ${widthPx}×${heightPx}` } });
    },
  };
}
