import type { Profile } from './profile.ts';

/** Below this width a face at an entrance has too few pixels for the detector (its input is 320 px wide). */
export const MIN_SUB_WIDTH_PX = 320;

/** Faces are looked for five times a second; a slower sub-stream would miss people who walk by. */
export const MIN_SUB_RATE_FPS = 5;

/**
 * An H.264 profile is preferred as main, since browsers play it as it is, unless it has fewer pixels than this or one of H.265
 * has more than four times as many (4K beside 1080p): then the camera's H.264 is its sub-stream.
 */
const MIN_MAIN_PIXELS = 1280 * 720;
const MUCH_LARGER = 4;

export interface StreamProblem {
  readonly stream: 'main' | 'sub';
  readonly code: 'STREAM_NONE' | 'STREAM_CODEC_UNSUPPORTED' | 'STREAM_TOO_SMALL' | 'STREAM_ONLY_ONE';
  /** What is wrong and what to do next, for a person. */
  readonly message: string;
}

export interface StreamChoice {
  /** The largest profile, of H.264 where that is not much smaller than H.265. */
  readonly main: Profile | undefined;
  /** The smallest profile that still serves detection, of H.264 where there is one; smaller than `main`. */
  readonly sub: Profile | undefined;
  /** One entry for each stream that could not be chosen. */
  readonly problems: readonly StreamProblem[];
}

interface Sized extends Profile {
  readonly widthPx: number;
  readonly heightPx: number;
}

type Codec = 'H264' | 'H265';

/** Devices spell it `H264`, `H.264`, `h265` … */
function codecOf({ encoding }: Profile): Codec | undefined {
  const name = encoding?.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  if (name === 'HEVC') return 'H265';
  return name === 'H264' || name === 'H265' ? name : undefined;
}

function isUsable(profile: Profile): profile is Sized {
  return codecOf(profile) !== undefined && profile.widthPx !== undefined && profile.heightPx !== undefined;
}

function pixels(profile: Sized): number {
  return profile.widthPx * profile.heightPx;
}

function isAdequateSub(profile: Sized): boolean {
  return (
    profile.widthPx >= MIN_SUB_WIDTH_PX &&
    (profile.frameRateFps === undefined || profile.frameRateFps >= MIN_SUB_RATE_FPS)
  );
}

/** Larger first, then the faster, then the one with more bits, then by token: the same answer whatever the device's order. */
function byMainRank(a: Sized, b: Sized): number {
  return (
    pixels(b) - pixels(a) ||
    (b.frameRateFps ?? 0) - (a.frameRateFps ?? 0) ||
    (b.bitrateKbps ?? 0) - (a.bitrateKbps ?? 0) ||
    (a.token < b.token ? -1 : 1)
  );
}

/** Smaller first, then the faster, then the one with fewer bits, then by token. */
function bySubRank(a: Sized, b: Sized): number {
  return (
    pixels(a) - pixels(b) ||
    (b.frameRateFps ?? 0) - (a.frameRateFps ?? 0) ||
    (a.bitrateKbps ?? 0) - (b.bitrateKbps ?? 0) ||
    (a.token < b.token ? -1 : 1)
  );
}

function describe(profile: Profile): string {
  return `${profile.name}: ${profile.encoding ?? 'no video'} ${profile.widthPx ?? '?'}x${profile.heightPx ?? '?'}`;
}

function mainProblem(profiles: readonly Profile[]): StreamProblem {
  const withVideo = profiles.filter((profile) => profile.encoding !== undefined);
  if (withVideo.length === 0) {
    return {
      stream: 'main',
      code: 'STREAM_NONE',
      message: 'The device offers no profile with video. Create one on its own page.',
    };
  }
  return {
    stream: 'main',
    code: 'STREAM_CODEC_UNSUPPORTED',
    message: `The device offers no profile of H.264 or H.265 (${withVideo.map(describe).join('; ')}). Set its streams to H.264.`,
  };
}

function subProblem(others: readonly Sized[]): StreamProblem {
  if (others.length === 0) {
    return {
      stream: 'sub',
      code: 'STREAM_ONLY_ONE',
      message: `The device offers only one profile of H.264 or H.265. Set a second, small one to H.264, at least ${MIN_SUB_WIDTH_PX} px wide.`,
    };
  }
  return {
    stream: 'sub',
    code: 'STREAM_TOO_SMALL',
    message: `No second profile of H.264 or H.265 is at least ${MIN_SUB_WIDTH_PX} px wide at ${MIN_SUB_RATE_FPS} frames a second (${others.map(describe).join('; ')}).`,
  };
}

/** @param usable by main rank */
function chooseMain(usable: readonly Sized[]): Sized | undefined {
  const largest = usable[0];
  const h264 = usable.find((profile) => codecOf(profile) === 'H264');
  if (largest === undefined || h264 === undefined) return largest;
  const isGoodEnough = pixels(h264) >= MIN_MAIN_PIXELS && pixels(largest) <= MUCH_LARGER * pixels(h264);
  return isGoodEnough ? h264 : largest;
}

/**
 * Picks the main stream (recording, live view, best shots) and the sub-stream (detection) of one lens.
 *
 * @param videoSourceToken which lens of a device that has several; by default that of the first profile with video
 */
export function chooseStreams(profiles: readonly Profile[], videoSourceToken?: string): StreamChoice {
  const lens = videoSourceToken ?? profiles.find((profile) => profile.encoding !== undefined)?.videoSourceToken;
  const ofLens = profiles.filter((profile) => lens === undefined || profile.videoSourceToken === lens);
  const usable = ofLens.filter(isUsable).sort(byMainRank);
  const main = chooseMain(usable);
  if (main === undefined) return { main, sub: undefined, problems: [mainProblem(ofLens)] };
  const others = usable.filter((profile) => pixels(profile) < pixels(main));
  const adequate = others.filter(isAdequateSub).sort(bySubRank);
  const sub = adequate.find((profile) => codecOf(profile) === 'H264') ?? adequate[0];
  return { main, sub, problems: sub === undefined ? [subProblem(others)] : [] };
}
