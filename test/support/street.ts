import { fileURLToPath } from 'node:url';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import type { SimulatorConfig } from '@dipper/simulator/config/config';
import { createSimulator, type Simulator } from '@dipper/simulator/simulator';

/** Survives URLs only if nobody decodes or encodes it once too often. */
export const STREET_CREDENTIALS = { username: 'operator', password: 'p%40:/?#' } as const;

/** Rendered clips are kept between runs: the first takes about ten seconds. */
export const STREET_CACHE = fileURLToPath(new URL('../../node_modules/.cache/dipper/simulator', import.meta.url));

const street: SimulatorConfig = {
  host: '127.0.0.1',
  rtspPort: 0,
  controlPort: 0,
  scene: 'people',
  discovery: false,
  timeline: [],
  devices: [
    { id: 'camera', kind: 'camera', httpPort: 0, ...STREET_CREDENTIALS },
    {
      id: 'barrier',
      kind: 'barrier',
      httpPort: 0,
      ...STREET_CREDENTIALS,
      travelMs: 100,
      holdOpenMs: 200,
      relayPulseMs: 100,
    },
  ],
};

/** The simulated entrance in this process, on free ports: one camera and one quick barrier. Close it. */
export async function startStreet(
  changes: Partial<SimulatorConfig> = {},
): Promise<Simulator & { readonly ffmpegPath: string }> {
  const ffmpeg = await findFfmpeg({ env: process.env });
  const simulator = await createSimulator(
    { ...street, ...changes },
    {
      dataFolder: STREET_CACHE,
      ffmpeg,
      signal: new AbortController().signal,
      log: { info: () => {}, warn: () => {} },
    },
  );
  return { ...simulator, ffmpegPath: ffmpeg.path };
}
