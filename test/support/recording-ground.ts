import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPRESSED_MAX_BOX_BYTES, Fmp4Parser } from '@dipper/edge/video/fmp4-parser';
import type { Fragment } from '@dipper/edge/video/fragment';
import { type Recorder, type RecorderOptions, startRecorder } from '@dipper/edge/video/recording/recorder';
import {
  type DiskStanding,
  openRecordingStore,
  type RecordingStore,
  type RecordingStoreOptions,
} from '@dipper/edge/video/recording/recording-store';
import { createRing, type Ring } from '@dipper/edge/video/ring';
import { pino } from 'pino';
import type { TestStream } from './test-stream.ts';

export const START_MS = Date.UTC(2026, 10, 24, 8);
export const PICTURE_MS = 40;
const log = pino({ enabled: false });

export interface RecordingGround extends AsyncDisposable {
  readonly root: string;
  readonly ring: Ring;
  readonly store: RecordingStore;
  readonly standings: DiskStanding[];
  clockMs: number;
  record(mode?: RecorderOptions['mode']): Recorder;
  /** Pictures of 25 a second: number n was taken at START_MS + 40 n, or so much later. */
  film(stream: TestStream, from: number, to: number, laterMs?: number): void;
  /** What a player is given, by picture. */
  play(fromMs: number, untilMs: number, device?: string): Promise<{ bytes: Buffer; fragments: Fragment[] }>;
  close(): Promise<void>;
}

/** A store on disk with one camera, whose wall clock stands at `clockMs`. */
export async function openRecordingGround(
  options: Partial<RecordingStoreOptions> & { readonly root?: string } = {},
): Promise<RecordingGround> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'dipper-recordings-'));
  const standings: DiskStanding[] = [];
  const recorders: Recorder[] = [];
  const stop = new AbortController();
  const ring = createRing({ maxBytes: 64e6, preRollMs: 60_000 });
  const ground = { clockMs: START_MS };
  const store = await openRecordingStore({
    dir: join(root, 'recordings'),
    indexPath: join(root, 'recordings.sqlite'),
    minFreeBytes: 0,
    budgets: new Map([['gate', { retentionMs: 3_600_000, maxBytes: 1e9 }]]),
    onDisk: (standing) => standings.push(standing),
    clock: { nowMs: () => ground.clockMs, monotonicMs: () => performance.now() },
    log,
    segmentMs: 1_000,
    ...options,
  });
  const close = async (): Promise<void> => {
    stop.abort();
    ring.close();
    await Promise.all(recorders.map(({ done }) => done));
    await store.close();
  };
  return Object.assign(ground, {
    root,
    ring,
    store,
    standings,
    record(mode: RecorderOptions['mode'] = 'continuous') {
      const clock = { nowMs: () => ground.clockMs, monotonicMs: () => performance.now() };
      const recorder = startRecorder({ device: 'gate', ring, store, mode, clock, log, signal: stop.signal });
      recorders.push(recorder);
      return recorder;
    },
    film({ init, fragments }: TestStream, from: number, to: number, laterMs = 0) {
      for (const [place, fragment] of fragments.slice(from, to).entries()) {
        const atMs = START_MS + (from + place) * PICTURE_MS + laterMs;
        ring.append({ init, fragment, atMs, senderAtMs: atMs });
      }
    },
    async play(fromMs: number, untilMs: number, device = 'gate') {
      const parts: Buffer[] = [];
      const fragments: Fragment[] = [];
      let parser: Fmp4Parser | undefined;
      for await (const { kind, bytes } of store.read({ device, fromMs, untilMs })) {
        if (kind === 'init') parser = new Fmp4Parser({ maxBoxBytes: COMPRESSED_MAX_BOX_BYTES });
        for (const segment of parser?.push(bytes) ?? []) {
          if (segment.kind === 'fragment') fragments.push(segment.fragment);
        }
        parts.push(bytes);
      }
      return { bytes: Buffer.concat(parts), fragments };
    },
    close,
    async [Symbol.asyncDispose]() {
      await close();
      rmSync(root, { recursive: true, force: true });
    },
  });
}
