import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { openBrowserSocket } from '../api/browser-socket.ts';
import { useHub } from '../api/hub-context.ts';
import { browserAfter } from '../time/after.ts';
import { createPlaybackPlayer, type PlaybackPlayer } from './playback-player.ts';
import type { PlaybackState } from './playback-state.ts';

/** Where a recording is to be played from. A new one each time, also for the same instant. */
export interface Seek {
  readonly atMs: number;
}

export interface Playback {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly state: PlaybackState;
  /** Tries again at once. */
  readonly retry: () => void;
}

/** Plays what was recorded of a camera as long as the component is there. */
export function usePlayback(device: string, seek: Seek, isPaused: boolean): Playback {
  const { onSignedOut } = useHub();
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<PlaybackPlayer>(undefined);
  const [state, setState] = useState<PlaybackState>({ kind: 'connecting', atMs: seek.atMs });
  const signedOut = useEffectEvent(onSignedOut);
  const begin = useEffectEvent((element: HTMLVideoElement, signal: AbortSignal) =>
    createPlaybackPlayer({
      video: element,
      atMs: seek.atMs,
      pathAt: (atMs) =>
        `/api/v1/devices/${encodeURIComponent(device)}/playback?at=${encodeURIComponent(new Date(atMs).toISOString())}`,
      openSocket: openBrowserSocket,
      after: browserAfter,
      onState: setState,
      onSignedOut: () => signedOut(),
      signal,
    }),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another camera is another player; where to is told below
  useEffect(() => {
    if (video.current === null) return;
    const ended = new AbortController();
    player.current = begin(video.current, ended.signal);
    return () => {
      ended.abort();
      player.current = undefined;
    };
  }, [device]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) player.current?.seek(seek.atMs);
    isFirst.current = false;
  }, [seek]);
  useEffect(() => {
    if (isPaused) player.current?.pause();
    else player.current?.play();
  }, [isPaused]);
  return { video, state, retry: () => player.current?.seek(state.atMs) };
}
