import type { StoredMemory } from '../decision/access-memory.ts';
import type { PolicyMark } from '../policy/policy-store.ts';

/** One thing to be put down; what is absent stays as it is. */
export interface StoreWrite {
  readonly uses?: readonly (readonly [permit: string, uses: number])[];
  /** `undefined` forgets somebody. */
  readonly whereabouts?: readonly (readonly [
    holder: string,
    { readonly area: string | null; readonly sinceMs: number } | undefined,
  ])[];
  /** Everybody in an area since before that is forgotten. */
  readonly forgotten?: { readonly area: string; readonly untilMs: number };
  readonly policy?: PolicyMark;
  readonly floorMs?: number;
}

/** To the thread that has the file. */
export type StoreRequest =
  | { readonly id: number; readonly kind: 'write'; readonly write: StoreWrite; readonly isFlushed: boolean }
  | { readonly id: number; readonly kind: 'close' };

/** What was there when the file was opened. */
export interface Restored extends StoredMemory {
  readonly policy: PolicyMark | undefined;
  readonly floorMs: number | undefined;
  /** Where a damaged file was moved to, to begin a new one. */
  readonly movedCorruptTo: string | undefined;
}

/** From that thread. */
export type StoreReply =
  | { readonly kind: 'opened'; readonly restored: Restored }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly error?: string };
