/** What the viewer is told about the picture. */
export type LiveState =
  /** Nothing shown yet. */
  | { readonly kind: 'connecting' }
  /** The picture is what happens now; `takenAtMs` by the page's clock. `everySec` where only one picture of each group comes. */
  | { readonly kind: 'live'; readonly takenAtMs: number; readonly everySec: number | undefined }
  /** Connected, and yet the picture on screen is old. */
  | { readonly kind: 'stale'; readonly ageSec: number; readonly takenAtMs: number }
  /** No connection; the last picture, if any, is that old. A code of the contract or of the page says why. */
  | {
      readonly kind: 'offline';
      readonly problem: string | undefined;
      readonly ageSec: number | undefined;
      readonly takenAtMs: number | undefined;
      /** Whether the page keeps trying by itself. */
      readonly retries: boolean;
    };

/** From here on a picture is no longer what is happening now; where one of each group comes, so long after the next was due. */
export const STALE_AFTER_MS = 2_000;

export interface LiveFacts {
  readonly connected: boolean;
  readonly problem: string | undefined;
  readonly retries: boolean;
  readonly ageMs: number | undefined;
  readonly takenAtMs: number | undefined;
  /** How far apart pictures are while only one of each group comes. */
  readonly everyMs: number | undefined;
}

/** A picture that is fresh is live, whatever the connection is about to do; otherwise the worst that is known is told. */
export function liveStateOf({ connected, problem, retries, ageMs, takenAtMs, everyMs }: LiveFacts): LiveState {
  if (ageMs !== undefined && takenAtMs !== undefined && ageMs <= STALE_AFTER_MS + (everyMs ?? 0)) {
    return { kind: 'live', takenAtMs, everySec: everyMs === undefined ? undefined : Math.round(everyMs / 1_000) };
  }
  const ageSec = ageMs === undefined ? undefined : Math.floor(ageMs / 1_000);
  if (problem !== undefined || (!connected && ageSec !== undefined)) {
    return { kind: 'offline', problem, ageSec, takenAtMs, retries };
  }
  if (ageSec === undefined || takenAtMs === undefined) return { kind: 'connecting' };
  return { kind: 'stale', ageSec, takenAtMs };
}

/** Whether two states look the same to a viewer. */
export function isSameLiveState(a: LiveState, b: LiveState): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'live' && b.kind === 'live') {
    return secondOf(a.takenAtMs) === secondOf(b.takenAtMs) && a.everySec === b.everySec;
  }
  if (a.kind === 'stale' && b.kind === 'stale') return a.ageSec === b.ageSec;
  if (a.kind === 'offline' && b.kind === 'offline') {
    return a.ageSec === b.ageSec && a.problem === b.problem && a.retries === b.retries;
  }
  return true;
}

/** The picture's time is shown in whole seconds: it runs as long as the picture does, and stops with it. */
function secondOf(atMs: number): number {
  return Math.floor(atMs / 1_000);
}
