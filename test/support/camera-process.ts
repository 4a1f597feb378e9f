import { startCamera } from '@dipper/edge/agent/camera/camera-runner';
import { systemClock } from '@dipper/edge/link/clock';
import { pino } from 'pino';

/**
 * A process that keeps one camera, for tests that look at it from outside or kill it: `RTSP` is the camera's address,
 * `LOGIN` its user and password in JSON, `SUB` the path of its sub-stream. It logs all there is to log, and prints
 * `state …` for each state it would publish, in full.
 */
const { RTSP = '', LOGIN = '{}', SUB = 'sub', FFMPEG_PATH = 'ffmpeg' } = process.env;
const login: { username: string; password: string } = JSON.parse(LOGIN);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
await startCamera({
  device: 'camera',
  place: 'entrance',
  find: async () => ({ main: { url: `${RTSP}/main`, ...login }, sub: { url: `${RTSP}/${SUB}`, ...login } }),
  pictures: { put: () => Promise.reject(new Error('no faces are captured here')) },
  emit: () => undefined,
  publishState: (state) => console.log('state', state.connection, state.cause ?? '', JSON.stringify(state)),
  ffmpegPath: FFMPEG_PATH,
  clock: systemClock,
  log: pino({ level: 'trace' }),
  signal: stop.signal,
}).done;
