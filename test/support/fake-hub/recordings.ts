import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { EventView } from '@dipper/contract/api/inventory';
import type { EvidenceLock, ExportView, NewEvidenceLock, NewExport, Timeline } from '@dipper/contract/api/recording';
import type { ErrorCode } from '@dipper/contract/errors';
import { encodeLiveFrame, PLAYBACK_AHEAD_MS } from '@dipper/contract/uplink';
import type { WebSocket } from 'ws';
import { createFragmentSplitter } from './fragments.ts';

/** Groups of a second each; a second's brightness says which it is. */
export const GROUPS = 10;
export const FRAME_RATE = 10;
/** How bright the second `n` of a span is on a screen, 0..255. */
export function brightnessOf(second: number): number {
  return 30 + (second % GROUPS) * 20;
}

const INPUT = `color=size=160x90:rate=${FRAME_RATE}:duration=${GROUPS},format=gray,geq=lum='30+20*floor(T)'`;
const ENCODE = `-an -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -bf 0 -g ${FRAME_RATE}`;
const FRAGMENT = '-movflags +empty_moov+default_base_moof+frag_every_frame -f mp4 pipe:1';

interface Recorded {
  readonly mime: string;
  readonly init: Buffer;
  readonly groups: readonly (readonly Buffer[])[];
}

/** One recorded stretch, by the clock. */
export interface FakeSpan {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface FakeRecordings {
  /** Cameras without an entry are not recorded. */
  readonly spans: Map<string, FakeSpan[]>;
  readonly gapCauses: Timeline['gaps'][number]['cause'][];
  readonly locks: EvidenceLock[];
  readonly events: EventView[];
  /** What was put on record. */
  readonly audit: { readonly action: 'export' | 'snapshot' | 'lock' | 'release'; readonly detail: string }[];
  /** Instants from which something was played. */
  readonly played: number[];
  /** Closes the next players with this code. */
  refusal: ErrorCode | undefined;
  /** How much comes before a player says that it wants more. */
  aheadMs: number;
  /** Milliseconds between the pieces of an exported file. */
  exportPauseMs: number;
  /** Exports whose receiver hung up. */
  hungUp: number;
  cutPlayers(): void;
  readTimeline(device: string, query: URLSearchParams): Timeline | ErrorCode;
  change(
    path: string,
    body: unknown,
    account: string,
  ): { readonly status: number; readonly body?: unknown } | undefined;
  readExport(id: string): ExportView | undefined;
  sendVideo(id: string, response: ServerResponse): void;
  play(device: string, at: string, socket: WebSocket): void;
}

/** Filmed once: many hubs of one test file show the same. */
let filmed: Promise<Recorded> | undefined;

/** What edges keep, for a page: real pictures at any instant of the spans that a test sets. */
export async function createRecordings(ffmpeg: string): Promise<FakeRecordings> {
  filmed ??= record(ffmpeg);
  const recorded = await filmed;
  const spans = new Map<string, FakeSpan[]>();
  const exports = new Map<string, ExportView>();
  const players = new Set<WebSocket>();
  const pictures = Buffer.concat([recorded.init, ...recorded.groups.flat()]);

  const recordings: FakeRecordings = {
    spans,
    gapCauses: ['camera-offline'],
    locks: [],
    events: [],
    audit: [],
    played: [],
    refusal: undefined,
    aheadMs: PLAYBACK_AHEAD_MS,
    exportPauseMs: 0,
    hungUp: 0,
    cutPlayers() {
      for (const player of players) player.terminate();
    },
    readTimeline(device, query) {
      const of = spans.get(device);
      if (of === undefined) return 'RECORDING_OFF';
      return timelineOf(device, of, query, recordings);
    },
    change(path, body, account) {
      const [, , device = '', noun, id] = path.split('/');
      if (noun === 'snapshots') {
        recordings.audit.push({ action: 'snapshot', detail: (body as { at: string }).at });
        return { status: 204 };
      }
      if (noun === 'exports') {
        const asked = body as NewExport;
        const made = exportOf(device, asked, account);
        exports.set(made.id, made);
        recordings.audit.push({ action: 'export', detail: asked.reason });
        return { status: 201, body: made };
      }
      if (noun !== 'evidence-locks') return undefined;
      if (id === undefined) {
        const lock = { id: randomUUID(), ...(body as NewEvidenceLock) };
        recordings.locks.push(lock);
        recordings.audit.push({ action: 'lock', detail: lock.reason });
        return { status: 201, body: lock };
      }
      recordings.locks.splice(
        recordings.locks.findIndex((lock) => lock.id === id),
        1,
      );
      recordings.audit.push({ action: 'release', detail: (body as { reason: string }).reason });
      return { status: 204 };
    },
    readExport: (id) => exports.get(id),
    sendVideo(id, response) {
      const made = exports.get(id);
      response.writeHead(200, { 'content-type': 'video/mp4' });
      let at = 0;
      const step = (): void => {
        if (response.destroyed) return;
        if (at < pictures.length) {
          response.write(pictures.subarray(at, at + 2_048));
          at += 2_048;
          setTimeout(step, recordings.exportPauseMs);
          return;
        }
        response.end();
        if (made === undefined) return;
        const finishedAt = new Date().toISOString();
        exports.set(id, { ...made, state: 'done', bytes: pictures.length, sha256: 'ab'.repeat(32), finishedAt });
      };
      response.on('close', () => {
        if (!response.writableFinished) recordings.hungUp += 1;
      });
      step();
    },
    play(device, at, socket) {
      const atMs = Date.parse(at);
      recordings.played.push(atMs);
      if (recordings.refusal !== undefined) return socket.close(4_502, recordings.refusal);
      const of = spans.get(device) ?? [];
      const span = of.find(({ fromMs, untilMs }) => fromMs <= atMs && untilMs > atMs);
      if (span === undefined) return socket.close(4_404, 'RECORDING_MISSING');
      players.add(socket);
      socket.on('close', () => players.delete(socket));
      playSpan(
        device,
        span,
        of.find(({ fromMs }) => fromMs >= span.untilMs)?.fromMs,
        atMs,
        recordings.aheadMs,
        recorded,
        socket,
      );
    },
  };
  return recordings;
}

function playSpan(
  device: string,
  { fromMs, untilMs }: FakeSpan,
  nextMs: number | undefined,
  atMs: number,
  aheadMs: number,
  { mime, init, groups }: Recorded,
  socket: WebSocket,
): void {
  socket.send(JSON.stringify({ kind: 'playback', device, mime, widthPx: 160, heightPx: 90 }));
  let second = Math.floor((atMs - fromMs) / 1_000);
  socket.send(encodeLiveFrame('init', atMs, init));
  const sendUntil = (limitMs: number): void => {
    for (; fromMs + second * 1_000 < Math.min(limitMs, untilMs); second += 1) {
      for (const [index, frame] of (groups[second % GROUPS] ?? []).entries()) {
        const takenAtMs = fromMs + second * 1_000 + (index * 1_000) / FRAME_RATE;
        socket.send(encodeLiveFrame(index === 0 ? 'key' : 'delta', takenAtMs, frame));
      }
    }
    if (fromMs + second * 1_000 < untilMs) return;
    const nextAt = nextMs === undefined ? null : new Date(nextMs).toISOString();
    socket.send(JSON.stringify({ kind: 'end', nextAt, code: null }));
    socket.close(1_000);
  };
  socket.on('message', (data) => {
    const { kind, until } = JSON.parse(String(data)) as { kind: string; until: string };
    if (kind === 'more') sendUntil(Date.parse(until));
  });
  sendUntil(atMs + aheadMs);
}

function timelineOf(
  device: string,
  spans: readonly FakeSpan[],
  query: URLSearchParams,
  { gapCauses, locks }: Pick<FakeRecordings, 'gapCauses' | 'locks'>,
): Timeline {
  const from = query.get('from') ?? '';
  const until = query.get('until') ?? '';
  const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
  const iso = (ms: number): string => new Date(ms).toISOString();
  const inside = spans.filter((span) => span.untilMs > fromMs && span.fromMs < untilMs);
  const gaps: Timeline['gaps'] = [];
  let endMs = fromMs;
  for (const [index, span] of inside.entries()) {
    const cause = index === 0 ? 'expired' : (gapCauses[index - 1] ?? 'camera-offline');
    if (span.fromMs > endMs) gaps.push({ from: iso(endMs), until: iso(span.fromMs), cause });
    endMs = span.untilMs;
  }
  if (endMs < untilMs) gaps.push({ from: iso(endMs), until, cause: 'not-yet' });
  return {
    device,
    mode: 'continuous',
    from,
    until,
    earliestAt: spans[0] === undefined ? null : iso(spans[0].fromMs),
    latestAt: null,
    spans: inside.map((span) => ({
      from: iso(Math.max(fromMs, span.fromMs)),
      until: iso(Math.min(untilMs, span.untilMs)),
      bytes: Math.round((span.untilMs - span.fromMs) * 500),
    })),
    gaps,
    locks: [...locks],
  };
}

function exportOf(device: string, { from, until, reason }: NewExport, account: string): ExportView {
  const now = new Date();
  return {
    id: randomUUID(),
    device,
    estate: 'sunshine',
    from,
    until,
    reason,
    state: 'waiting',
    code: null,
    bytes: null,
    sha256: null,
    requestedBy: account,
    requestedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + 600_000).toISOString(),
    finishedAt: null,
  };
}

async function record(ffmpeg: string): Promise<Recorded> {
  const args = ['-loglevel', 'error', '-f', 'lavfi', '-i', INPUT, ...ENCODE.split(' '), ...FRAGMENT.split(' ')];
  const file = await new Promise<Buffer>((resolve, reject) => {
    execFile(ffmpeg, args, { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
  const [head, ...pieces] = createFragmentSplitter()(file);
  if (head?.kind !== 'init') throw new Error('ffmpeg wrote no fragmented MP4');
  const groups: Buffer[][] = [];
  for (const { kind, content } of pieces) {
    if (kind === 'key') groups.push([]);
    groups.at(-1)?.push(content);
  }
  return { mime: head.mime, init: head.content, groups };
}
