import type { AgentView, DeviceView } from '@dipper/contract/api/inventory';
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { openBrowserSocket } from '../api/browser-socket.ts';
import { useHub } from '../api/hub-context.ts';
import { browserAfter } from '../time/after.ts';
import { paintOn } from './decoded-sink.ts';
import { createLivePlayer, type LivePlayer, type Surface } from './live-player.ts';
import type { LiveState } from './live-state.ts';
import { canPlayH265 } from './media-sink.ts';
import { openJsmpeg } from './mpeg1-decoder.ts';
import type { EdgeOffset } from './picture-age.ts';

/** How far the agent's offset may be off: it is measured at its last receipt. */
const AGENT_UNCERTAINTY_MS = 500;

export interface LivePlayback {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  /** Which of the two shows the picture. */
  readonly surface: Surface;
  readonly state: LiveState;
  readonly restart: () => void;
}

/** Plays a camera as long as the component is there and `isOn`. */
export function useLivePlayer(device: DeviceView, agent: AgentView | undefined, isOn: boolean): LivePlayback {
  const { clock, onSignedOut } = useHub();
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [surface, setSurface] = useState<Surface>('video');
  const player = useRef<LivePlayer>(undefined);
  const [state, setState] = useState<LiveState>({ kind: 'connecting' });

  const edgeOffset = useEffectEvent((): EdgeOffset | undefined => {
    const hub = clock.offset();
    if (hub === undefined || agent?.clockOffsetMs == null) return undefined;
    return { ms: agent.clockOffsetMs + hub.ms, uncertaintyMs: hub.uncertaintyMs + AGENT_UNCERTAINTY_MS };
  });
  const signedOut = useEffectEvent(onSignedOut);

  /** Spares the edge an uplink that nobody can watch; should the camera send something else by now, the stream itself says so. */
  const firstForm = useEffectEvent(() => {
    const isH265 = device.state?.kind === 'camera' && device.state.streams?.main?.startsWith('H.265') === true;
    return isH265 && !canPlayH265() ? ('any-browser' as const) : undefined;
  });

  useEffect(() => {
    const board = canvas.current;
    if (video.current === null || board === null || !isOn) return;
    const ended = new AbortController();
    setState({ kind: 'connecting' });
    player.current = createLivePlayer({
      video: video.current,
      paint: paintOn(board),
      openDecoder: () => openJsmpeg(board),
      path: (form) =>
        `/api/v1/devices/${encodeURIComponent(device.id)}/live${form === undefined ? '' : `?form=${form}`}`,
      form: firstForm(),
      onSurface: setSurface,
      openSocket: openBrowserSocket,
      after: browserAfter,
      now: Date.now,
      edgeOffset: () => edgeOffset(),
      onState: setState,
      onSignedOut: () => signedOut(),
      signal: ended.signal,
    });
    return () => ended.abort();
  }, [device.id, isOn]);

  return { video, canvas, surface, state, restart: () => player.current?.restart() };
}
