import type { StreamName } from '@dipper/contract/commands';
import type { Connection } from '@dipper/contract/device-state';
import type { EventData } from '@dipper/contract/events';
import type { Clock } from '../../link/clock.ts';
import type { StreamState } from '../../video/stream-state.ts';

/** How the edge stands with a camera, as its device state tells. */
export interface CameraConnection {
  readonly connection: Connection;
  readonly sinceMs: number;
  readonly cause?: string;
  readonly message?: string;
}

export interface ConnectionWatchOptions {
  readonly clock: Clock;
  /** A camera that is back within this time was never reported gone: cameras restart streams and switches relearn ports. */
  readonly blipMs: number;
  readonly onConnection: (connection: CameraConnection) => void;
  readonly onOnline: (atMs: number, data: EventData<'camera.online'>) => void;
  readonly onOffline: (atMs: number, data: EventData<'camera.offline'>) => void;
}

export interface ConnectionWatch {
  observe(stream: StreamName, state: StreamState): void;
  current(): CameraConnection;
  /** Forgets a report that is due; a camera we no longer look at is not offline. */
  stop(): void;
}

interface StreamHealth {
  readonly isOnline: boolean;
  readonly failure?: { readonly cause: string; readonly message: string };
}

const MAX_MESSAGE_LENGTH = 512;
/** The camera answers and says no: a person has to change something. */
const REFUSALS = ['STREAM_REFUSED', 'STREAM_CODEC_UNSUPPORTED', 'STREAM_NOT_FOUND', 'ONVIF_REFUSED'];

/**
 * Makes of two streams that come and go one statement about the camera: it is offline when neither stream has been there
 * for longer than a blip, and degraded while one is missing.
 */
export function createConnectionWatch(options: ConnectionWatchOptions): ConnectionWatch {
  const { clock, blipMs } = options;
  const health: Record<StreamName, StreamHealth> = { main: { isOnline: false }, sub: { isOnline: false } };
  let connection: CameraConnection = { connection: 'connecting', sinceMs: clock.nowMs() };
  let lostAtMs: number | undefined = clock.nowMs();
  let isReportedOffline = false;
  let wasEverOnline = false;
  let cancelReport = clock.after(blipMs, reportOffline);

  const worst = () => health.sub.failure ?? health.main.failure;

  function reportOffline(): void {
    if (lostAtMs === undefined) return;
    isReportedOffline = true;
    const { cause = 'CAMERA_UNREACHABLE', message } = worst() ?? {};
    options.onOffline(lostAtMs, {
      cause,
      since: new Date(lostAtMs).toISOString(),
      ...(message === undefined ? {} : { message: message.slice(0, MAX_MESSAGE_LENGTH) }),
    });
  }

  function updateReports(isAnyOnline: boolean, lastFailure: StreamHealth['failure']): void {
    const nowMs = clock.nowMs();
    if (!isAnyOnline) {
      if (lostAtMs !== undefined) return;
      lostAtMs = nowMs;
      cancelReport = clock.after(blipMs, reportOffline);
      return;
    }
    if (lostAtMs === undefined) return;
    cancelReport();
    // The first time, too: the hub may still hold the camera for offline from before this agent started.
    if (isReportedOffline || !wasEverOnline) {
      const outageMs = Math.max(0, Math.round(nowMs - lostAtMs));
      options.onOnline(nowMs, { outageMs, ...(lastFailure === undefined ? {} : { cause: lastFailure.cause }) });
    }
    lostAtMs = undefined;
    isReportedOffline = false;
    wasEverOnline = true;
  }

  function updateConnection(): void {
    const online = Object.values(health).filter(({ isOnline }) => isOnline).length;
    const failure = online === 2 ? undefined : worst();
    const next = connectionOf(online, failure?.cause);
    if (next === connection.connection && failure?.cause === connection.cause) return;
    connection = {
      connection: next,
      sinceMs: next === connection.connection ? connection.sinceMs : clock.nowMs(),
      ...(failure === undefined ? {} : { cause: failure.cause, message: failure.message.slice(0, MAX_MESSAGE_LENGTH) }),
    };
    options.onConnection(connection);
  }

  return {
    observe(stream, state) {
      const lastFailure = worst();
      // An attempt under way changes nothing: what is known is how the last one ended.
      if (state.kind === 'connecting') return;
      if (state.kind === 'online') health[stream] = { isOnline: true };
      else health[stream] = { isOnline: false, failure: { cause: state.cause, message: state.message } };
      updateReports(health.main.isOnline || health.sub.isOnline, lastFailure);
      updateConnection();
    },
    current: () => connection,
    stop: () => cancelReport(),
  };
}

function connectionOf(onlineStreams: number, cause: string | undefined): Connection {
  if (onlineStreams === 2) return 'online';
  if (cause === undefined) return 'connecting';
  if (onlineStreams === 1) return 'degraded';
  return REFUSALS.includes(cause) ? 'refused' : 'unreachable';
}
