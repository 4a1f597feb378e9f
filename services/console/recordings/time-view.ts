import { SITE_OFFSET_MS } from '../time/zone.ts';

/** The part of a day that a time line shows, ms since 1970 by the hub's clock. */
export interface TimeView {
  readonly fromMs: number;
  readonly untilMs: number;
}

export const DAY_MS = 24 * 3_600_000;
/** Closer than that an instant is hit to the picture on a phone as well. */
const SHORTEST_VIEW_MS = 60_000;

/** The day of an instant where the estates are, midnight to midnight. */
export function dayOf(atMs: number): TimeView {
  const fromMs = Math.floor((atMs + SITE_OFFSET_MS) / DAY_MS) * DAY_MS - SITE_OFFSET_MS;
  return { fromMs, untilMs: fromMs + DAY_MS };
}

/**
 * The view `factor` times as long, with `aroundMs` where it was.
 *
 * @param within what the view never leaves
 */
export function zoomed(view: TimeView, factor: number, aroundMs: number, within: TimeView): TimeView {
  const lengthMs = view.untilMs - view.fromMs;
  const wanted = Math.min(within.untilMs - within.fromMs, Math.max(SHORTEST_VIEW_MS, lengthMs * factor));
  const share = (aroundMs - view.fromMs) / lengthMs;
  const fromMs = aroundMs - share * wanted;
  return moved({ fromMs, untilMs: fromMs + wanted }, 0, within);
}

/** The view so much later, as far as `within` goes. */
export function moved({ fromMs, untilMs }: TimeView, byMs: number, within: TimeView): TimeView {
  const lengthMs = Math.min(untilMs - fromMs, within.untilMs - within.fromMs);
  const start = Math.min(within.untilMs - lengthMs, Math.max(within.fromMs, fromMs + byMs));
  return { fromMs: start, untilMs: start + lengthMs };
}

/** The view moved so that an instant is in it; the same view where it is already. */
export function following(view: TimeView, atMs: number, within: TimeView): TimeView {
  if (atMs >= view.fromMs && atMs < view.untilMs) return view;
  const lengthMs = view.untilMs - view.fromMs;
  return moved(view, atMs - view.fromMs - lengthMs / 4, within);
}

/** Where an instant stands in a view: 0 at its left end, 1 at its right. */
export function shareOf(view: TimeView, atMs: number): number {
  return (atMs - view.fromMs) / (view.untilMs - view.fromMs);
}

/** The instant at a share of the view. */
export function instantAt(view: TimeView, share: number): number {
  return view.fromMs + Math.min(1, Math.max(0, share)) * (view.untilMs - view.fromMs);
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const STEPS_MS: readonly number[] = [
  ...[5, 10, 15, 30].map((sec) => sec * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((min) => min * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
];

export interface Ticks {
  readonly stepMs: number;
  readonly atMs: readonly number[];
}

/**
 * Round instants of a view, as many as have room.
 *
 * @param most how many labels fit beside each other
 */
export function ticksOf(view: TimeView, most: number): Ticks {
  const lengthMs = view.untilMs - view.fromMs;
  const stepMs = STEPS_MS.find((step) => lengthMs / step <= most) ?? DAY_MS;
  const atMs: number[] = [];
  const first = Math.ceil((view.fromMs + SITE_OFFSET_MS) / stepMs) * stepMs - SITE_OFFSET_MS;
  for (let at = first; at <= view.untilMs; at += stepMs) atMs.push(at);
  return { stepMs, atMs };
}
