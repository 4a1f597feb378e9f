import { type PointerEvent, type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { instantAt, moved, type TimeView, zoomed } from './time-view.ts';

/** A notch of a wheel makes the view this much longer or shorter. */
const WHEEL_FACTOR = 1.25;
/** Pixels that a wheel's notch has, or a swipe over a touchpad in one event. */
const NOTCH_PX = 100;

interface StripGestures {
  /** The instant under a finger that has not let go yet. */
  readonly draggedMs: number | undefined;
  readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
}

interface StripGestureOptions {
  readonly strip: RefObject<HTMLElement | null>;
  readonly view: TimeView;
  readonly within: TimeView;
  readonly onView: (view: TimeView) => void;
  readonly onSeek: (atMs: number) => void;
}

/**
 * What fingers and wheels do on a time line: one finger goes to an instant, two pinch and move, a wheel zooms where it
 * points, sideways or with Shift it moves.
 */
export function useStripGestures({ strip, view, within, onView, onSeek }: StripGestureOptions): StripGestures {
  const fingers = useRef(new Map<number, number>());
  const wasPinched = useRef(false);
  const [draggedMs, setDragged] = useState<number>();

  const shareAt = (clientX: number): number => {
    const box = strip.current?.getBoundingClientRect();
    return box === undefined || box.width === 0 ? 0 : (clientX - box.left) / box.width;
  };
  const turn = useEffectEvent((event: WheelEvent) => {
    event.preventDefault();
    const lengthMs = view.untilMs - view.fromMs;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
      onView(moved(view, (sideways / NOTCH_PX) * (lengthMs / 10), within));
    } else {
      const factor = WHEEL_FACTOR ** Math.max(-3, Math.min(3, event.deltaY / NOTCH_PX));
      onView(zoomed(view, factor, instantAt(view, shareAt(event.clientX)), within));
    }
  });
  useEffect(() => {
    // React listens passively to wheels, and then the page would scroll along.
    const listen = (event: WheelEvent): void => turn(event);
    const element = strip.current;
    element?.addEventListener('wheel', listen, { passive: false });
    return () => element?.removeEventListener('wheel', listen);
  }, [strip]);

  const pinch = (id: number, clientX: number): void => {
    const before = [...fingers.current.values()];
    fingers.current.set(id, clientX);
    const now = [...fingers.current.values()];
    const [a, b, c, d] = [before[0], before[1], now[0], now[1]];
    if (a === undefined || b === undefined || c === undefined || d === undefined) return;
    const factor = Math.abs(a - b) / Math.max(1, Math.abs(c - d));
    const middleMs = instantAt(view, shareAt((a + b) / 2));
    const wider = zoomed(view, factor, middleMs, within);
    const box = strip.current?.getBoundingClientRect();
    const slideMs = (((a + b - c - d) / 2) * (wider.untilMs - wider.fromMs)) / Math.max(1, box?.width ?? 1);
    onView(moved(wider, slideMs, within));
  };
  const lift = (id: number): void => {
    fingers.current.delete(id);
    if (fingers.current.size === 0) wasPinched.current = false;
    setDragged(undefined);
  };
  return {
    draggedMs,
    onPointerDown(event) {
      if (event.button !== 0) return;
      strip.current?.setPointerCapture(event.pointerId);
      fingers.current.set(event.pointerId, event.clientX);
      wasPinched.current ||= fingers.current.size > 1;
      setDragged(wasPinched.current ? undefined : instantAt(view, shareAt(event.clientX)));
    },
    onPointerMove(event) {
      if (!fingers.current.has(event.pointerId)) return;
      if (fingers.current.size > 1) pinch(event.pointerId, event.clientX);
      else if (!wasPinched.current) setDragged(instantAt(view, shareAt(event.clientX)));
    },
    onPointerUp(event) {
      if (!fingers.current.has(event.pointerId)) return;
      const isSeek = !wasPinched.current;
      lift(event.pointerId);
      if (isSeek) onSeek(instantAt(view, shareAt(event.clientX)));
    },
    onPointerCancel: (event) => lift(event.pointerId),
  };
}
