import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import type { Bench, BenchContext, PreparedBench } from './bench.ts';
import { startBenchAgent } from './bench-agent.ts';
import { FRAMES_PER_SEC } from './encoded-loop.ts';
import { startNoisyCameras } from './noisy-camera.ts';
import { proportionalBytes } from './process-memory.ts';
import { processorTimeMs } from './processor-time.ts';

const CAMERAS = 12;
const GIBIBYTE = 1_024 ** 3;
/** What is allowed: issue 3, Speed and memory. */
const LIMIT_GIBIBYTES = 2.5;
const SAMPLE_FRAMES = 10 * FRAMES_PER_SEC;
/** Until all streams are open, and the first ten seconds of looking closely are over. */
const WARM_UP_FRAMES = 60 * FRAMES_PER_SEC;
const NOTHING_SHED = `${CAMERAS} cameras online, nothing given up`;

export const bench: Bench = {
  what: `memory (PSS, all children) of an agent with ${CAMERAS} quiet 1080p25 cameras, faces and recorder on, against ${LIMIT_GIBIBYTES} GiB; unequal work where a camera is not online or anything was given up to overload`,
  unit: 'GiB',
  goal: { ratio: 1, is: 'at-most' },
  prepare,
};

async function prepare({ seed }: BenchContext): Promise<PreparedBench> {
  await using parts = new AsyncDisposableStack();
  const { path } = await findFfmpeg({ env: process.env });
  const street = parts.use(await startNoisyCameras(path, seed, CAMERAS));
  const cameras = Array.from({ length: CAMERAS }, (_, camera) => ({
    ...{ id: `camera-${camera}`, login: street.login, streams: street.addressOf(camera) },
  }));
  const agent = parts.use(await startBenchAgent(cameras));
  await street.frames(WARM_UP_FRAMES);
  const processorMs: number[] = [];

  /** How all cameras stand, in words: what was given up is told by their states. */
  function standing(): string {
    const states = cameras.map(({ id }) => agent.stateOf(id));
    const online = states.filter((state) => state?.connection === 'online').length;
    const given = states.reduce((sum, state) => sum + (state?.kind === 'camera' ? (state.shed?.capture ?? 0) : 0), 0);
    if (online === CAMERAS && given === 0) return NOTHING_SHED;
    const causes = states.flatMap((state) => (state?.cause === undefined ? [] : [`${state.device} ${state.cause}`]));
    return `${online} cameras online, ${given} pictures given up${causes.length > 0 ? `: ${causes.join(', ')}` : ''}`;
  }

  const running = parts.move();
  return {
    dipper: {
      command: agent.command,
      async sample() {
        const beforeMs = processorTimeMs(agent.process.pid);
        await street.frames(SAMPLE_FRAMES);
        processorMs.push((processorTimeMs(agent.process.pid) - beforeMs) / (SAMPLE_FRAMES / FRAMES_PER_SEC));
        return { value: proportionalBytes(agent.process.pid) / GIBIBYTE, work: standing() };
      },
    },
    reference: {
      command: 'the limit that the issue sets',
      sample: async () => ({ value: LIMIT_GIBIBYTES, work: NOTHING_SHED }),
    },
    detail: () => ({ mainKbps: street.mainKbps, processorMsPerSec: processorMs.map(Math.round) }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
