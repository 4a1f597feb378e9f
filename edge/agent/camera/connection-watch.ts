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
  readonly onDegraded: (atMs: number, data: EventData<'camera.degraded'>) => void;
}

/** Since the start of the agent; a blip is counted here and told nowhere else. */
export interface ConnectionStats {
  /** Times that neither stream was there for less than a blip. */
  readonly blips: number;
  readonly blipMs: number;
  readonly outages: number;
  readonly outageMs: number;
  /** Failed attempts, and troubles of the analysis, by cause. */
  readonly causes: Readonly<Record<string, number>>;
}

export interface ConnectionWatch {
  observe(stream: StreamName, state: StreamState): void;
  /** What keeps us from looking at the pictures that come; undefined: nothing. */
  observeAnalysis(trouble: Failure | undefined): void;
  stats(): ConnectionStats;
  current(): CameraConnection;
  /** Forgets a report that is due; a camera we no longer look at is not offline. */
  stop(): void;
}

interface Failure {
  readonly cause: string;
  readonly message: string;
}

interface StreamHealth {
  readonly isOnline: boolean;
  readonly failure?: Failure;
}

const MAX_MESSAGE_LENGTH = 512;
/** The camera answers and says no: a person has to change something. */
const REFUSALS = ['STREAM_REFUSED', 'STREAM_CODEC_UNSUPPORTED', 'STREAM_NOT_FOUND', 'ONVIF_REFUSED'];

/**
 * Makes of two streams that come and go one statement about the camera: it is offline when neither stream has been there
 * for longer than a blip, and degraded while one is missing or its picture cannot be analysed. Each is told once when it
 * has lasted for a blip, and once when it is over.
 */
export function createConnectionWatch(options: ConnectionWatchOptions): ConnectionWatch {
  const { clock, blipMs } = options;
  const health: Record<StreamName, StreamHealth> = { main: { isOnline: false }, sub: { isOnline: false } };
  let connection: CameraConnection = { connection: 'connecting', sinceMs: clock.nowMs() };
  let lostAtMs: number | undefined = clock.nowMs();
  let isReportedOffline = false;
  let wasEverOnline = false;
  let cancelReport = clock.after(blipMs, reportOffline);
  let analysis: Failure | undefined;
  let degradedSinceMs: number | undefined;
  let toldDegraded: { readonly sinceMs: number; readonly cause: string | undefined } | undefined;
  let cancelDegraded = (): void => undefined;
  const counts = { blips: 0, blipMs: 0, outages: 0, outageMs: 0 };
  const causes: Record<string, number> = {};

  const worst = () => health.sub.failure ?? health.main.failure;

  function count(cause: string): void {
    causes[cause] = (causes[cause] ?? 0) + 1;
  }

  function reportDegraded(): void {
    if (degradedSinceMs === undefined) return;
    const { cause, message } = connection;
    toldDegraded = { sinceMs: degradedSinceMs, cause };
    options.onDegraded(degradedSinceMs, {
      ...{ phase: 'started', since: new Date(degradedSinceMs).toISOString() },
      ...(cause !== undefined && { cause }),
      ...(message !== undefined && { message }),
    });
  }

  function updateDegraded(): void {
    if (connection.connection === 'degraded') {
      if (degradedSinceMs !== undefined) return;
      degradedSinceMs = clock.nowMs();
      cancelDegraded = clock.after(blipMs, reportDegraded);
      return;
    }
    cancelDegraded();
    degradedSinceMs = undefined;
    if (toldDegraded === undefined) return;
    const { sinceMs, cause } = toldDegraded;
    toldDegraded = undefined;
    options.onDegraded(clock.nowMs(), {
      ...{ phase: 'ended', since: new Date(sinceMs).toISOString() },
      ...(cause !== undefined && { cause }),
    });
  }

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
    const goneMs = Math.max(0, Math.round(nowMs - lostAtMs));
    if (isReportedOffline) {
      counts.outages++;
      counts.outageMs += goneMs;
    } else if (wasEverOnline) {
      counts.blips++;
      counts.blipMs += goneMs;
    }
    // The first time, too: the hub may still hold the camera for offline from before this agent started.
    if (isReportedOffline || !wasEverOnline) {
      options.onOnline(nowMs, { outageMs: goneMs, ...(lastFailure === undefined ? {} : { cause: lastFailure.cause }) });
    }
    lostAtMs = undefined;
    isReportedOffline = false;
    wasEverOnline = true;
  }

  function updateConnection(): void {
    const online = Object.values(health).filter(({ isOnline }) => isOnline).length;
    const failure = online === 2 ? analysis : worst();
    const next = connectionOf(online, failure?.cause);
    if (next === connection.connection && failure?.cause === connection.cause) return;
    connection = {
      connection: next,
      sinceMs: next === connection.connection ? connection.sinceMs : clock.nowMs(),
      ...(failure === undefined ? {} : { cause: failure.cause, message: failure.message.slice(0, MAX_MESSAGE_LENGTH) }),
    };
    options.onConnection(connection);
    updateDegraded();
  }

  return {
    observe(stream, state) {
      const lastFailure = worst();
      // An attempt under way changes nothing: what is known is how the last one ended.
      if (state.kind === 'connecting') return;
      if (state.kind === 'online') health[stream] = { isOnline: true };
      else {
        count(state.cause);
        health[stream] = { isOnline: false, failure: { cause: state.cause, message: state.message } };
      }
      updateReports(health.main.isOnline || health.sub.isOnline, lastFailure);
      updateConnection();
    },
    observeAnalysis(trouble) {
      if (trouble !== undefined) count(trouble.cause);
      analysis = trouble;
      updateConnection();
    },
    stats: () => ({ ...counts, causes: { ...causes } }),
    current: () => connection,
    stop() {
      cancelReport();
      cancelDegraded();
    },
  };
}

function connectionOf(onlineStreams: number, cause: string | undefined): Connection {
  if (onlineStreams === 2) return cause === undefined ? 'online' : 'degraded';
  if (cause === undefined) return 'connecting';
  if (onlineStreams === 1) return 'degraded';
  return REFUSALS.includes(cause) ? 'refused' : 'unreachable';
}
