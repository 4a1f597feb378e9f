import { child, type SoapNode, textOf } from './soap-node.ts';

/** What a camera says of its drive at one moment; undefined is what it does not say. */
export interface PtzStatus {
  readonly isMoving: boolean | undefined;
  /** Pan, tilt and zoom, in the device's own counting. */
  readonly position: readonly number[] | undefined;
}

/** Finer than any drive's step, coarser than what rounding does to a number on its way. */
const STILL_WITHIN = 1e-4;

/** Reads a GetStatus reply (PTZ Service §5.4). */
export function ptzStatusFrom(body: SoapNode): PtzStatus {
  const status = child(child(body, 'getStatusResponse'), 'PTZStatus');
  const told = child(status, 'moveStatus');
  const states = ['panTilt', 'zoom'].map((name) => textOf(child(told, name))).filter((state) => state !== undefined);
  const position = child(status, 'position');
  const [pan, tilt] = ['x', 'y'].map((name) => numberAt(child(position, 'panTilt'), name));
  const zoom = numberAt(child(position, 'zoom'), 'x');
  // Half a place says nothing: it may be the other half that changes.
  const place = pan === undefined || tilt === undefined ? [] : [pan, tilt];
  const numbers = zoom === undefined ? place : [...place, zoom];
  return {
    isMoving: states.includes('MOVING') ? true : states.includes('IDLE') ? false : undefined,
    position: numbers.length === 0 ? undefined : numbers,
  };
}

/**
 * Whether the camera moved between two looks at it: by where it stands, if it tells; else by its own word. Some devices
 * say MOVING for ever, others never; a position that changes is what neither can make up.
 */
export function hasMoved(before: PtzStatus, after: PtzStatus): boolean | undefined {
  if (before.position === undefined || after.position === undefined) return after.isMoving;
  if (before.position.length !== after.position.length) return after.isMoving;
  return after.position.some((value, index) => Math.abs(value - (before.position?.[index] ?? 0)) > STILL_WITHIN);
}

function numberAt(node: SoapNode, name: string): number | undefined {
  const attributes = child(node, '$');
  if (attributes === null || typeof attributes !== 'object') return undefined;
  const text: unknown = (attributes as Record<string, unknown>)[name];
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
